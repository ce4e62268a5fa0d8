// Light, dark, or as the system: the button goes round.

const ROUND = ["system", "light", "dark"];
const WORDS = { system: "as the system", light: "light", dark: "dark" };

/** Make the button change the theme and remember it. */
export function startTheme(button) {
  let current = document.documentElement.dataset.theme ?? "system";
  const show = () => {
    button.setAttribute("aria-label", `Colours: ${WORDS[current]}`);
    button.title = `Colours: ${WORDS[current]}`;
    if (current === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = current;
  };
  button.addEventListener("click", () => {
    current = ROUND[(ROUND.indexOf(current) + 1) % ROUND.length];
    localStorage.setItem("northlight.theme", current);
    show();
  });
  show();
}
