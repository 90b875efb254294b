"""How the bundled weights came to be: data, training, export and evaluation. Not part of the wheel."""
