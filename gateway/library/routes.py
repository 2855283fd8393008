"""Diseases and body sites over HTTP; both are public knowledge, in the caller's language."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from gateway.access.http import CallerDependency
from gateway.config import Settings
from gateway.conversion.body_sites import BodySite, body_sites
from gateway.language import Language, choose_language
from gateway.library.diseases import Disease, Urgency, diseases, in_language
from gateway.library.drawings.addresses import drawing_url
from gateway.library.urgency import CARE
from gateway.problems import problems

router = APIRouter(tags=["library"], responses=problems(401))


class Coding(BaseModel):
    """A code of a public terminology, as DICOM objects carry it."""

    scheme: str
    code: str
    meaning: str


class DiseaseView(BaseModel):
    """A disease; `code` is the one that rankings use."""

    code: str
    coding: Coding
    name: str
    features: str | None = Field(description="null where nobody has written it yet")
    malignant: bool
    contagious: bool
    urgency: Urgency
    wait: str = Field(description="whether it can wait, in words")
    home: str = Field(description="whether it can be treated at home, in words")
    advice: str | None = Field(description="null where nobody has written it yet")
    drawing: str = Field(description="where its schematic drawing is, on this host")


class BodySiteView(BaseModel):
    """A body site; `slug` is what a photo's `body_site` takes, `parent` the slug of the site that it is part of."""

    slug: str
    name: str
    parent: str | None
    paired: bool
    coding: Coding


class DiseaseList(BaseModel):
    """Every disease that the library knows."""

    diseases: list[DiseaseView]


class BodySiteList(BaseModel):
    """Every body site that a photo can name."""

    body_sites: list[BodySiteView]


@router.get("/diseases")
def get_diseases(request: Request, _caller: CallerDependency) -> DiseaseList:
    """List the diseases the library knows."""
    language = _language(request)
    return DiseaseList(diseases=[_disease(entry, language) for entry in diseases().values()])


@router.get("/body-sites")
def get_body_sites(request: Request, _caller: CallerDependency) -> BodySiteList:
    """List the body sites a photo can name, ancestors before descendants."""
    language = _language(request)
    return BodySiteList(body_sites=[_body_site(site, language) for site in body_sites().values()])


def _disease(entry: Disease, language: Language) -> DiseaseView:
    return DiseaseView(
        code=entry.slug,
        coding=Coding(scheme=entry.scheme, code=entry.code, meaning=entry.meaning),
        name=entry.name[language],
        features=in_language(entry.features, language),
        malignant=entry.malignant,
        contagious=entry.contagious,
        urgency=entry.urgency,
        wait=CARE[entry.urgency].wait[language],
        home=CARE[entry.urgency].home[language],
        advice=in_language(entry.advice, language),
        drawing=drawing_url(entry.slug),
    )


def _body_site(site: BodySite, language: Language) -> BodySiteView:
    return BodySiteView(
        slug=site.slug,
        name=site.korean if language == "ko" else site.english,
        parent=site.parent,
        paired=site.paired,
        coding=Coding(scheme=site.scheme, code=site.code, meaning=site.meaning),
    )


def _language(request: Request) -> Language:
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)
