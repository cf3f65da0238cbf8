"""The components of a page as template tags; their markup is in `templates/components/`.

Tags with a body are block tags: `{% card _("Title") href=url %}…{% endcard %}`.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.paginator import Page
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, Resolver404, resolve, reverse, translate_url
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

register = template.Library()

# In the order of the cascade; each a file of static/css.
STYLESHEETS = (
    "tokens",
    "base",
    "layout",
    "components/button",
    "components/card",
    "components/alert",
    "components/status",
    "components/form",
    "components/list",
    "components/table",
    "components/translation",
    "components/navigation",
    "components/instant",
    "components/text",
    "components/archive",
    "components/timeline",
    "components/silence",
    "components/mail",
)
# All of them in one file, where the storage of static files joins them when they are collected.
BUNDLE = "css/portal.css"
# What the first screen of any page is set in; other faces come when a page uses them.
FIRST_FACES = {
    "en": ("pt-sans-400-latin", "pt-serif-400-latin"),
    "ru": ("pt-sans-400-cyrillic", "pt-serif-400-cyrillic"),
}
ALERT_KINDS = {"info", "success", "warning", "danger"}
STATUS_TONES = {"neutral", "running", "adopted", "broken", "warning", "info"}


@register.simple_tag
def stylesheets() -> SafeString:
    """The links to the stylesheets, and the fonts of the first screen asked for early."""
    if getattr(staticfiles_storage, "has_bundle", False):
        sheets = [BUNDLE]
    else:
        sheets = [f"css/{name}.css" for name in STYLESHEETS]
    faces = FIRST_FACES.get(get_language() or "", FIRST_FACES["en"])
    return format_html(
        '{}\n{}\n<link rel="stylesheet" href="{}" media="print">',
        format_html_join(
            "\n",
            '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
            ((static(f"fonts/{face}.woff2"),) for face in faces),
        ),
        format_html_join(
            "\n",
            '<link rel="stylesheet" href="{}">',
            ((static(sheet),) for sheet in sheets),
        ),
        static("css/print.css"),
    )


@register.simple_block_tag
def card(content: str, title: str, href: str = "", meta: str = "", level: int = 3) -> str:
    """A box with a title, which leads to `href`, and a line of `meta` above it.

    `level` is the level of the title's heading (2 to 4).
    """
    if level not in (2, 3, 4):
        raise ValueError(f"A card's title is a heading of level 2, 3 or 4, not {level}.")
    return render_to_string(
        "components/card.html",
        {"content": content, "title": title, "href": href, "meta": meta, "level": level},
    )


@register.simple_block_tag
def alert(content: str, kind: str, title: str = "") -> str:
    """A sentence that must be seen; `kind` is info, success, warning or danger."""
    if kind not in ALERT_KINDS:
        raise ValueError(f"An alert's kind is one of {sorted(ALERT_KINDS)}, not {kind!r}.")
    return render_to_string(
        "components/alert.html", {"content": content, "kind": kind, "title": title}
    )


@register.inclusion_tag("components/status_badge.html")
def status_badge(label: str, tone: str = "neutral") -> dict[str, str]:
    """A status in one word; `tone` is neutral, running, adopted, broken, warning or info."""
    if tone not in STATUS_TONES:
        raise ValueError(f"A status badge's tone is one of {sorted(STATUS_TONES)}, not {tone!r}.")
    return {"label": label, "tone": tone}


@register.inclusion_tag("components/field.html")
def field(bound_field: BoundField, hint: str | None = None) -> dict[str, Any]:
    """A form's field: label, hint, error, widget, tied together for assistive technology.

    The hint is the field's help text unless `hint` is given (empty for none). Radio buttons and
    lists of checkboxes become a fieldset. A field named `…_en` or `…_ru` tells its language.
    """
    # A help text is the form author's own markup; a hint given by the page may not be.
    if hint is None:
        hint = mark_safe(bound_field.help_text)  # noqa: S308 (see above)
    hint = conditional_escape(hint)
    if not hint:
        bound_field.help_text = ""  # Django would tie the widget to it
    hint_id = f"{bound_field.auto_id}_helptext" if hint else ""
    error_id = f"{bound_field.auto_id}_error" if bound_field.errors else ""
    widget = bound_field.field.widget
    widget.attrs.pop("placeholder", None)
    attrs: dict[str, Any] = {}
    if described_by := " ".join(filter(None, [hint_id, error_id])):
        attrs["aria-describedby"] = described_by
    if error_id:
        attrs["aria-invalid"] = "true"
    language = bound_field.name.rsplit("_", 1)[-1]
    if "_" in bound_field.name and language in dict(settings.LANGUAGES):
        attrs["lang"] = language
    kind = bound_field.widget_type
    is_group = kind in {"radioselect", "checkboxselectmultiple"}
    return {
        "field": bound_field,
        "hint": hint,
        "hint_id": hint_id,
        "error_id": error_id,
        "described_by": attrs.get("aria-describedby", ""),
        "is_group": is_group,
        "is_choice": kind == "checkbox",
        "is_hidden": bound_field.is_hidden,
        "widget": "" if is_group else bound_field.as_widget(attrs=attrs),
    }


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm | None, *, focus: bool = True) -> dict[str, Any]:
    """Every error of a form at the head of the page, each leading to its field; or nothing.

    The summary takes the focus when the page opens, unless `focus` is false. A page without a
    form has no errors.
    """
    errors: list[dict[str, str]] = []
    if form and form.is_bound:
        errors += [{"message": str(message), "href": ""} for message in form.non_field_errors()]
        for bound_field in form:
            errors += [
                {"message": str(message), "href": f"#{_first_id(bound_field)}"}
                for message in bound_field.errors
            ]
    return {"errors": errors, "focus": focus}


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Facts as terms and values: `rows` is a list of (term, value); a value may be marked safe."""
    return {"rows": rows}


@register.simple_block_tag
def table(content: str, caption: str, kind: str = "") -> str:
    """A frame round `<thead>` and `<tbody>` that scrolls sideways on a narrow screen.

    `kind` is a further class of the table: `agenda` sets times and items.
    """
    return render_to_string(
        "components/table.html", {"content": content, "caption": caption, "kind": kind}
    )


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: template.Context, page_obj: Page) -> dict[str, Any]:
    """The pages of a list, keeping the rest of the query string; nothing for a single page."""
    pages = []
    if page_obj.has_other_pages():
        pages = list(
            page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
        )
    return {"page": page_obj, "pages": pages, "request": context.get("request")}


@register.inclusion_tag("components/breadcrumbs.html")
def breadcrumbs(*items: Any) -> dict[str, Any]:
    """The way from the home page to this one; Home itself is set before it.

    Either one list of (label, url), or label and url in turn:
    `{% breadcrumbs _("Meetings") meetings_url meeting.title %}`. An item without a url is the
    page itself.
    """
    trail: Sequence[tuple[str, str]]
    if len(items) == 1 and not isinstance(items[0], str) and isinstance(items[0], Sequence):
        trail = [(item[0], item[1] if len(item) > 1 else "") for item in items[0]]
    else:
        padded = [*items, ""] if len(items) % 2 else [*items]
        trail = list(zip(padded[::2], padded[1::2], strict=True))
    return {"trail": [(_("Home"), _address("home", "/")), *trail]}


@register.inclusion_tag("components/language_switch.html", takes_context=True)
def language_switch(context: template.Context) -> dict[str, Any]:
    """The same page in the other language; where an address has none, the language of the visit."""
    request = context.get("request")
    current = get_language()
    languages = []
    for code, name in settings.LANGUAGES:
        url = in_language(request, code) if request else f"/{code}/"
        languages.append(
            {
                "code": code,
                "name": name,
                "url": url,
                "home": f"/{code}/",
                "is_current": code == current,
            }
        )
    return {
        "languages": languages,
        "set_language_url": _address("set_language", ""),
        "next": request.get_full_path() if request else "/",
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag(takes_context=True)
def alternate_links(context: template.Context) -> str:
    """`<link rel="alternate" hreflang>` for each language of this page, without its query."""
    request = context.get("request")
    if request is None or not in_language(request, settings.LANGUAGE_CODE):
        return ""
    try:
        resolve(request.path_info)
    except Resolver404:
        return ""
    site = context.get("portal_url") or request.build_absolute_uri("/")
    links = [
        (code, urljoin(site, in_language(request, code).partition("?")[0]))
        for code, _name in settings.LANGUAGES
    ]
    is_home = request.path_info.strip("/") in dict(settings.LANGUAGES)
    default = urljoin(site, "/") if is_home else dict(links)[settings.LANGUAGE_CODE]
    return format_html_join(
        "\n",
        '<link rel="alternate" hreflang="{}" href="{}">',
        [*links, ("x-default", default)],
    )


@register.simple_tag(takes_context=True)
def current_section(context: template.Context, *addresses: str) -> bool:
    """Whether the page shown lies at or below one of the addresses."""
    request = context.get("request")
    if request is None:
        return False
    return any(address and request.path.startswith(address) for address in addresses)


def in_language(request: HttpRequest, code: str) -> str:
    """The address of the page requested in another language; empty where it has no language."""
    path = request.get_full_path()
    prefixes = tuple(f"/{known}/" for known, _name in settings.LANGUAGES)
    if not request.path_info.startswith(prefixes):
        return ""
    translated = translate_url(path, code)
    if not translated.startswith(f"/{code}/"):  # a page that isn't there has an address, too
        translated = f"/{code}/" + path[4:]
    return translated


def _address(name: str, otherwise: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return otherwise


def _first_id(bound_field: BoundField) -> str:
    """The id that a link to the field leads to: of a group, its first choice."""
    return bound_field.id_for_label or f"{bound_field.auto_id}_0"
