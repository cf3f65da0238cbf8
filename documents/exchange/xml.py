"""Reading XML that people send: no document type, no entities, nothing fetched (fault F14)."""

from django.utils.translation import gettext as _
from lxml import etree

from almaty_portal.common.errors import DomainError


def parse(data: bytes) -> etree._Element:
    """The root of an XML file. Raises DomainError where it is not well-formed, or declares a
    document type, in which entities could be hidden; neither is ever expanded or fetched."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise DomainError(
            _(
                "The file cannot be read as XML (%(error)s). Export it anew from the program that "
                "made it. Nothing was stored."
            )
            % {"error": str(error)[:200]},
            fields=["file"],
        ) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise DomainError(
            _(
                "The file declares a document type, in which entities can be hidden: such files "
                "are not taken. Export it without one. Nothing was stored."
            ),
            fields=["file"],
        )
    return root


def text_of(element: etree._Element | None) -> str:
    """The words of an element and of what it holds, white space as single spaces."""
    return "" if element is None else " ".join("".join(map(str, element.itertext())).split())
