"""Measures of a photo that nobody would complain of."""

from trainer.sorting.measuring import Measures

GOOD = Measures(
    lesion_share=0.09,
    lesion_diameter=0.34,
    lesion_count=1,
    lesion_on_border=0.0,
    focus=1.0,
    lesion_focus=0.9,
    haze=0.3,
    contrast=0.4,
    print_score=0.0,
    bar_share=0.0,
    repeat_score=0.2,
    blown_share=0.0,
    black_share=0.0,
    blown_red=0.0,
    blown_green=0.0,
    blown_blue=0.0,
    median_luminance=0.3,
    skin_share=1.0,
    colour_spread=16.0,
    tone_angle=40.0,
)
