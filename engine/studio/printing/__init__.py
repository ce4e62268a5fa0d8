"""Files a laboratory accepts: sizes, crop and bleed, sheets, and an honest word on how large."""
