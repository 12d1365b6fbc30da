"""XMP packets as XML. A file may hold several, joined: the main one and the extended one.

XMP specification parts 1 (7.1, serialisation) and 3 (1.1.3.1, extended XMP in JPEG).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

IPTC_EXT = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_RESOURCE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource"
_ENDS = (re.compile(r"</[\w.-]+:x[am]pmeta\s*>"), re.compile(r"</[\w.-]+:RDF\s*>"))
_MARKUP = re.compile(r"<(?!\?)")


@dataclass(frozen=True, slots=True)
class Packets:
    """`roots`: what parsed. `broken`: the text of what did not."""

    roots: tuple[Element, ...] = ()
    broken: tuple[str, ...] = ()

    def values(self, tag: str) -> Iterator[str]:
        """A property's values: as an attribute, an element, a resource or the items of a list.

        `tag` is `{namespace}name`.
        """
        for root in self.roots:
            for element in root.iter():
                if value := element.get(tag, "").strip():
                    yield value
                if element.tag == tag:
                    yield from _content(element)


def parse(xmp: str) -> Packets:
    """All packets in `xmp`; those that are no XML, or try to expand entities, are `broken`."""
    roots: list[Element] = []
    broken: list[str] = []
    for piece in _pieces(xmp):
        try:
            roots.append(fromstring(piece.encode()))
        except (ParseError, DefusedXmlException, ValueError, LookupError):
            broken.append(piece)
    return Packets(tuple(roots), tuple(broken))


def values(xmp: str, tag: str) -> list[str]:
    """The values of one property; parses only a text in which its name stands."""
    return list(parse(xmp).values(tag)) if tag.rpartition("}")[2] in xmp else []


def _pieces(xmp: str) -> Iterator[str]:
    end = next((end for end in _ENDS if end.search(xmp)), None)
    begin = 0
    for match in end.finditer(xmp) if end else ():
        yield xmp[begin : match.end()].strip("\0\ufeff \t\r\n")
        begin = match.end()
    rest = xmp[begin:].strip("\0\ufeff \t\r\n")
    if _MARKUP.search(rest) or (rest and begin == 0):
        yield rest


def _content(element: Element) -> Iterator[str]:
    """The text or resource of `element`, or of the items of the list in it; no deeper."""
    for part in (element, *element, *(item for box in element for item in box)):
        for text in (part.get(_RESOURCE), part.text):
            if text and text.strip():
                yield text.strip()
