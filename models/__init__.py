"""Everything transformer-shaped, nothing Beam-shaped: tokenising, windows, sessions, decoding, the bundled weights."""
