"""Diseases and body sites over HTTP; both are public knowledge, in the caller's language."""

from typing import Any

from fastapi import APIRouter, Request

from gateway.access.http import CallerDependency
from gateway.config import Settings
from gateway.conversion.body_sites import BodySite, body_sites
from gateway.language import Language, choose_language
from gateway.library.diseases import Disease, diseases

router = APIRouter(tags=["library"])


@router.get("/diseases")
def get_diseases(request: Request, _caller: CallerDependency) -> dict[str, list[dict[str, Any]]]:
    """List the diseases the library knows."""
    language = _language(request)
    return {"diseases": [_disease(entry, language) for entry in diseases().values()]}


@router.get("/body-sites")
def get_body_sites(request: Request, _caller: CallerDependency) -> dict[str, list[dict[str, Any]]]:
    """List the body sites a photo can name, ancestors before descendants."""
    language = _language(request)
    return {"body_sites": [_body_site(site, language) for site in body_sites().values()]}


def _disease(entry: Disease, language: Language) -> dict[str, Any]:
    return {
        "code": entry.slug,
        "coding": {"scheme": entry.scheme, "code": entry.code, "meaning": entry.meaning},
        "name": entry.name[language],
        "features": entry.features[language],
        "malignant": entry.malignant,
        "contagious": entry.contagious,
        "urgency": entry.urgency,
        "advice": entry.advice[language],
    }


def _body_site(site: BodySite, language: Language) -> dict[str, Any]:
    return {
        "slug": site.slug,
        "name": site.korean if language == "ko" else site.english,
        "parent": site.parent,
        "paired": site.paired,
        "coding": {"scheme": site.scheme, "code": site.code, "meaning": site.meaning},
    }


def _language(request: Request) -> Language:
    settings: Settings = request.app.state.settings
    return choose_language(request.headers.get("accept-language"), settings.site.language)
