"""ComfyUI: the graph of nodes that made the picture.

Two forms: what was run (`prompt`: an object of nodes with `class_type`) and what was drawn
(`workflow`: a list of `nodes`, with `last_node_id` and `links`). PNG has a chunk for each; WebP
and JPEG have EXIF fields that begin with `prompt:` or `workflow:`. Civitai's own generator writes
a graph of the first form into UserComment.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provenance.readers.generators.found import Found, edited_if
from provenance.readers.raw import RawMetadata
from provenance.readers.text import file_name, inner, json_object, number

_EXIF_TAGS = ("Make", "Model", "ImageDescription", "UserComment")
_PREFIX = re.compile(r"(?:prompt|workflow)\s*:\s*(?={)", re.IGNORECASE)
_CUT_KIND = re.compile(r'"class_type":\s*"([^"]{1,80})"')
MAX_CUT_KINDS = 500
_MODEL_INPUTS = ("ckpt_name", "unet_name")
_SWITCHED_OFF = (2, 4)  # muted and bypassed, in a drawn graph
# A graph of nothing but these opens, crops and saves pictures: no model took part.
_PLAIN = frozenset(
    {
        "ImageBatch",
        "ImageCrop",
        "ImageInvert",
        "ImageScale",
        "ImageScaleBy",
        "ImageScaleToTotalPixels",
        "LoadImage",
        "Note",
        "PreviewImage",
        "Reroute",
        "SaveImage",
    }
)
# Encoders that keep the rest of the picture, or hold on to it, whatever the strength.
_PLAIN_ENCODERS = frozenset({"VAEEncode", "VAEEncodeTiled"})


@dataclass(frozen=True, slots=True)
class Node:
    """One node. `sources`: the nodes it takes input from. `denoise`: its strength, if it says."""

    kind: str
    sources: frozenset[str] = frozenset()
    denoise: float | None = None


Graph = dict[str, Node]


def comfyui(raw: RawMetadata) -> Found | None:
    """A graph of either form that does more than copy pictures."""
    for text in _texts(raw):
        written = json_object(text)
        graph = _run_graph(written) or _drawn_graph(written)
        if not graph and not written:
            graph = _cut_graph(text)
        if graph and not {node.kind for node in graph.values()} <= _PLAIN:
            civitai = "extraMetadata" in written or "airs" in inner(written, "extra")
            return Found(
                "Civitai" if civitai else "ComfyUI",
                edited_if(_edits(graph)),
                model=_model(written),
            )
    return None


def _texts(raw: RawMetadata) -> Iterator[str]:
    yield raw.text.get("prompt", "")
    yield raw.text.get("workflow", "")
    for tag in _EXIF_TAGS:
        text = raw.exif.get(tag, "")
        prefix = _PREFIX.match(text)
        yield text[prefix.end() :] if prefix else text


def _run_graph(written: Mapping[str, object]) -> Graph:
    nodes = {
        name: node
        for name, node in written.items()
        if isinstance(node, dict) and isinstance(node.get("class_type"), str)
    }
    return {
        name: Node(
            kind=node["class_type"],
            sources=frozenset(
                str(value[0])
                for value in inner(node, "inputs").values()
                if isinstance(value, list) and len(value) == 2
            ),
            denoise=number(inner(node, "inputs").get("denoise")),
        )
        for name, node in nodes.items()
    }


def _drawn_graph(written: Mapping[str, object]) -> Graph:
    nodes = written.get("nodes")
    if not isinstance(nodes, list) or "last_node_id" not in written:
        return {}
    sources: dict[str, set[str]] = {}
    links = written.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, list) and len(link) > 3:
            sources.setdefault(str(link[3]), set()).add(str(link[1]))
    return {
        str(node.get("id")): Node(
            kind=node["type"],
            sources=frozenset(sources.get(str(node.get("id")), ())),
            denoise=_drawn_denoise(node),
        )
        for node in nodes
        if isinstance(node, dict)
        and isinstance(node.get("type"), str)
        and node.get("mode") not in _SWITCHED_OFF
    }


def _drawn_denoise(node: Mapping[str, object]) -> float | None:
    """The strength is the last of a KSampler's fields."""
    fields = node.get("widgets_values")
    if node["type"] == "KSampler" and isinstance(fields, list) and fields:
        return number(fields[-1])
    return None


def _cut_graph(text: str) -> Graph:
    """A graph that was cut off is a graph; its links are not known, so all are assumed."""
    kinds = list(dict.fromkeys(_CUT_KIND.findall(text))) if text.lstrip().startswith("{") else []
    sources = frozenset(kinds[:MAX_CUT_KINDS])
    return {kind: Node(kind, sources) for kind in sources}


def _edits(graph: Graph) -> bool:
    """Whether a loaded picture is encoded and used, and something of it is left by the sampling."""
    loaded = {name for name, node in graph.items() if node.kind.startswith("LoadImage")}
    used = {source for node in graph.values() for source in node.sources}
    encoders = {
        graph[name].kind
        for name in _fed_by(graph, loaded) & used
        if graph[name].kind.startswith("VAEEncode") or "Inpaint" in graph[name].kind
    }
    if not encoders:
        return False
    strengths = [node.denoise for node in graph.values() if node.denoise is not None]
    referred = any(node.kind == "ReferenceLatent" for node in graph.values())
    painted_over = bool(strengths) and min(strengths) >= 1 and encoders <= _PLAIN_ENCODERS
    return referred or not painted_over


def _fed_by(graph: Graph, starts: set[str]) -> set[str]:
    """All nodes that something flows into from `starts`."""
    takers: dict[str, list[str]] = {}
    for name, node in graph.items():
        for source in node.sources:
            takers.setdefault(source, []).append(name)
    reached: set[str] = set()
    waiting = list(starts)
    while waiting:
        for taker in takers.get(waiting.pop(), ()):
            if taker not in reached:
                reached.add(taker)
                waiting.append(taker)
    return reached


def _model(written: Mapping[str, object]) -> str:
    """The file of the first model that a graph of the first form loads."""
    for node in written.values():
        inputs = inner(node, "inputs") if isinstance(node, dict) else {}
        for key in _MODEL_INPUTS:
            if isinstance(inputs.get(key), str):
                return file_name(inputs[key])
    return ""
