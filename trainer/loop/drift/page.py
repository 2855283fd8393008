"""The drift of a round as a page, in English and Korean, with its pictures."""

import numpy as np
from matplotlib.axes import Axes

from trainer.evaluation.plots.canvas import ACCENT, FAINT, canvas, drawing, svg
from trainer.evaluation.report.figures import plot
from trainer.evaluation.report.markup import Html, both, element, escaped, listed, table
from trainer.evaluation.report.paper import paper
from trainer.evaluation.report.words import label
from trainer.evaluation.said import Said
from trainer.loop.drift.shift import Shift
from trainer.loop.drift.told import Drift, Scores

_TITLE = Said("Drift: new samples beside those learnt before", "변화: 새 표본과 이미 학습한 표본의 비교")
_STANDING = Said(
    "Only photos that somebody labelled are compared, and what is labelled is no fair draw of what comes in: doctors "
    "see what models were unsure of. A shift says that something differs, not that a model has become worse.",
    "라벨이 붙은 사진만 비교함. 의사는 모델이 확신하지 못한 사진을 주로 보므로, 들어오는 사진 전체를 고르게 대표하지 "
    "않음. 차이가 있다는 뜻이지 모델이 나빠졌다는 뜻은 아님.",
)
_CHANCE = Said(
    "By chance: patients dealt anew to the two sets 500 times; 95 of 100 deals lie in this range.",
    "우연: 환자를 두 집합에 500번 다시 나누었을 때 100번 중 95번이 드는 범위.",
)
_ROWS = {
    "classes": Said("Classes: total variation of their shares", "진단 구성: 비율의 총변동"),
    "scores": Said("Scores: greatest gap of the distributions", "점수: 두 분포의 최대 차이"),
    "embedding": Said("Pictures: mean discrepancy of embeddings", "사진: 임베딩의 평균 불일치"),
}
_NOT_MEASURED = Said("not measured", "측정하지 않음")
_MORE, _WITHIN = Said("more than chance", "우연을 넘음"), Said("within chance", "우연의 범위")


def drift_page(drift: Drift) -> str:
    """The whole file as text (UTF-8)."""
    words = [element("p", escaped(drift.words), kind="note")] if drift.words else []
    figures = [_scores(drift.scores)] if drift.scores is not None else []
    return paper(
        _TITLE.en,
        element(
            "header",
            element("h1", both(_TITLE)),
            element("p", both(_STANDING), kind="standing"),
            listed(_facts(drift), kind="facts"),
            *words,
        ),
        element("section", element("h2", both(Said("How far apart", "차이의 크기"))), _distances(drift)),
        *figures,
        element("section", element("h2", both(Said("Classes", "진단 구성"))), _classes(drift)),
    )


def _facts(drift: Drift) -> list[Html]:
    said = [
        Said(
            f"{drift.new_photos} new photos beside {drift.old_photos} old ones.",
            f"새 사진 {drift.new_photos}장, 이전 사진 {drift.old_photos}장.",
        )
    ]
    if drift.unlearnt_photos:
        said.append(
            Said(
                f"Scores and pictures: beside {drift.unlearnt_photos} old photos that were not trained on, since a "
                "model is surer of what it learnt.",
                f"점수와 사진: 학습에 쓰지 않은 이전 사진 {drift.unlearnt_photos}장과 비교. "
                "모델은 학습한 사진에 더 확신을 가지기 때문임.",
            )
        )
    if drift.model:
        said.append(Said(f"As {drift.model} sees them, which serves.", f"현재 서비스 중인 {drift.model}의 관점."))
    return [both(one) for one in said]


def _distances(drift: Drift) -> Html:
    shifts = {
        "classes": drift.classes,
        "scores": None if drift.scores is None else drift.scores.shift,
        "embedding": drift.embedding,
    }
    head = (Said("", ""), Said("Found", "결과"), Said("By chance", "우연"), Said("p", "p"), Said("", ""))
    rows = [(both(_ROWS[name]), *_cells(shift)) for name, shift in shifts.items()]
    return Html(f"{table(head, rows)}{element('p', both(_CHANCE), kind='note')}")


def _cells(shift: Shift | None) -> tuple[Html, Html, Html, Html]:
    if shift is None:
        return both(_NOT_MEASURED), Html(""), Html(""), Html("")
    return (
        escaped(f"{shift.value:.3f}"),
        escaped(f"{shift.low:.3f} – {shift.high:.3f}"),
        escaped(f"{shift.p:.3f}"),
        both(_MORE if shift.is_more_than_chance else _WITHIN),
    )


def _scores(scores: Scores) -> Html:
    caption = Said(
        f"How sure the model is, shares of new and of old photos. Population stability index {scores.stability:.2f}: "
        "custom calls it moderate from 0.10, large from 0.25; few photos alone raise it.",
        f"모델의 확신 정도, 새 사진과 이전 사진의 비율. 모집단 안정성 지수 {scores.stability:.2f}: 관례상 0.10부터 "
        "보통, 0.25부터 큼; 사진이 적으면 그것만으로 커짐.",
    )
    with drawing("drift-scores"):
        figure, axes = canvas(4.4, 3.4)
        _bars(axes, scores.new, -0.021, ACCENT, "new")
        _bars(axes, scores.old, 0.021, FAINT, "old")
        axes.set(xlim=(0, 1), xlabel="score", ylabel="share of photos")
        axes.legend(loc="upper left")
        drawn = svg(figure, "Histogram of the scores of new and of old photos")
    return element("section", element("h2", both(Said("Scores", "점수"))), plot(drawn, caption))


def _bars(axes: Axes, counts: tuple[int, ...], shift: float, colour: str, title: str) -> None:
    middles = (np.arange(len(counts)) + 0.5) / len(counts)
    axes.bar(middles + shift, np.array(counts) / max(sum(counts), 1), 0.04, color=colour, label=title)


def _classes(drift: Drift) -> Html:
    head = (Said("Class", "진단"), Said("New", "새 사진"), Said("Old", "이전 사진"))
    names = sorted({*drift.new_classes, *drift.old_classes})
    rows = [
        (
            both(label(name)),
            _share(drift.new_classes.get(name, 0), drift.new_photos),
            _share(drift.old_classes.get(name, 0), drift.old_photos),
        )
        for name in names
    ]
    return table(head, rows)


def _share(count: int, photos: int) -> Html:
    return escaped(f"{count} ({count / photos:.0%})" if photos else f"{count}")
