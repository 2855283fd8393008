"""What each measure of a photo means, for people who did not write the rules."""

MEANINGS = {
    "lesion_share": ("lesion area", "how much of the frame the lesion covers; 1 is all of it"),
    "lesion_diameter": ("lesion diameter", "the lesion's diameter over the photo's short side"),
    "lesion_count": ("separate lesions", "how many spots stand apart from one another"),
    "lesion_on_border": ("lesion cut off", "how much of the frame's outline the lesion lies on"),
    "focus": ("sharpness", "of the strongest edges; 1 is about a photo in focus, near 0 a blurred one"),
    "lesion_focus": ("lesion sharpness", "the same for the lesion and its edge only"),
    "haze": ("veil", "greyish light over the darkest places, as from a greasy lens or breath; 0 is none"),
    "contrast": ("contrast", "from the dark to the bright parts; near 0 is one flat tone, near 1 black beside white"),
    "print_score": ("letters in rows", "signs of one height in a row (glyphs), as of a text over the photo"),
    "bar_share": ("bars", "how much of the frame lies under plain bars along its edges"),
    "repeat_score": (
        "strokes repeat",
        "how strongly fine lines come again at one distance, as a mark laid all over does",
    ),
    "blown_share": ("blown out", "how much of the frame is white beyond what the camera could tell"),
    "black_share": ("black", "how much of the frame is black beyond what the camera could tell"),
    "blown_red": ("red blown out", "how much of the frame has no red left to tell apart"),
    "blown_green": ("green blown out", "how much of the frame has no green left to tell apart"),
    "blown_blue": ("blue blown out", "how much of the frame has no blue left to tell apart"),
    "median_luminance": ("brightness", "of the middle pixel; 0 is black, 1 white"),
    "skin_share": ("skin", "how much of the frame has the colour of skin"),
    "colour_spread": ("spread of colours", "how far colours lie apart; skin alone spreads little"),
    "tone_angle": ("skin tone", "the tone of the skin as an angle in degrees (ITA); less is darker"),
}
"""Measure -> what it is called in short, and one line that explains it."""
