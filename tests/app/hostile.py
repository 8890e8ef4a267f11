"""Texts that try to be more than text: in labels, names, prompts and notes."""

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=http://elsewhere.invalid/x.png onerror=alert(1)>",
    "![pixel](http://elsewhere.invalid/pixel.png)",
    "[click](javascript:alert(1))",
    "**bold** :green[PASS] :material/check: $x^2$",
    "</div></style><b>bold</b>",
    "a\u202egnp.exe",
    'it\'s "quoted" & <b>marked</b>',
)
