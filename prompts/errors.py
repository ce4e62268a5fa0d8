"""What can be wrong with the words and vocabulary."""


class PromptError(Exception):
    """A data file is broken, or a sentence was asked for in a way its file does not know.

    `file` is the file's name, `key` the place in it, `problem` one clause saying what is wrong.
    """

    code = "prompts_broken"

    def __init__(self, file: str, key: str, problem: str) -> None:
        super().__init__(f"{file}: {key}: {problem}")
        self.file = file
        self.key = key
        self.problem = problem
