"""Each generator's signature, its edits, and what must not be taken for either."""

import json

import pytest

from provenance.readers import generators
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import Grade, Origin
from tests.helpers.generated import A1111, EDITS, PICTURES, UUID, graph, packet, workflow

# Every generator that is to be recognised by its settings. Those that only sign (OpenAI, Adobe,
# Microsoft, Amazon) and labels that name no generator are read elsewhere.
RECOGNISED = {
    "Stable Diffusion web UI",
    "Stable Diffusion WebUI Forge",
    "SD.Next",
    "stable-diffusion.cpp",
    "ComfyUI",
    "Civitai",
    "SwarmUI",
    "Fooocus",
    "RuinedFooocus",
    "InvokeAI",
    "NovelAI",
    "Easy Diffusion",
    "Draw Things",
    "mflux",
    "Midjourney",
    "xAI Grok",
    "Ideogram",
    "Google AI",
    "Samsung Galaxy AI",
}


def found(**raw):
    return list(generators.read(RawMetadata(**raw)))


def said(**raw):
    return [(item.generator, item.claims) for item in found(**raw)]


@pytest.mark.parametrize("name", PICTURES)
def test_a_generated_picture_is_recognised(name):
    generator, raw = PICTURES[name]
    assert said(**raw) == [(generator, Origin.AI_GENERATED)]


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_picture_is_recognised(name):
    generator, raw = EDITS[name]
    assert said(**raw) == [(generator, Origin.AI_EDITED)]


def test_every_generator_has_an_example():
    assert {generator for generator, _ in [*PICTURES.values(), *EDITS.values()]} == RECOGNISED


def test_every_signature_has_an_example():
    examples = [raw for _, raw in [*PICTURES.values(), *EDITS.values()]]
    met = {item.detail["signature"] for raw in examples for item in found(**raw)}
    assert met == set(generators.SIGNATURES)


@pytest.mark.parametrize("example", [*PICTURES.values(), *EDITS.values()])
def test_nothing_personal_is_shown(example):
    for item in found(**example[1]):
        shown = json.dumps([item.generator, item.detail])
        assert "PRIVATE" not in shown
        assert "4242424242" not in shown
        assert item.grade is Grade.METADATA


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        (
            {"text": {"parameters": A1111}},
            {"signature": "webui_parameters", "model": "dreamer_v1", "version": "v1.9.4"},
        ),
        ({"text": {"prompt": graph()}}, {"signature": "comfyui", "model": "dreamer.safetensors"}),
        (
            PICTURES["invokeai metadata"][1],
            {"signature": "invokeai", "model": "flux-dev", "version": "5.4.0"},
        ),
        (
            PICTURES["novelai stealth"][1],
            {
                "signature": "novelai",
                "model": "NovelAI Diffusion V4 4F49EC75",
                "hidden_in": "pixels",
            },
        ),
        (PICTURES["midjourney png"][1], {"signature": "midjourney", "version": "6.1"}),
        (
            {"text": {"Description": f"fox --niji 6 Job ID: {UUID}"}},
            {"signature": "midjourney", "version": "niji 6"},
        ),
        (PICTURES["easy diffusion png"][1], {"signature": "easy_diffusion", "model": "sd-v1-5"}),
    ],
)
def test_model_and_version_are_named_where_the_file_names_them(raw, detail):
    assert [item.detail for item in found(**raw)] == [detail]


def test_a_prompt_that_looks_like_settings_is_not_quoted():
    text = f"Steps: 3, Model: PRIVATE words\n{A1111.partition(chr(10))[2]}"
    assert found(text={"parameters": text})[0].detail["model"] == "dreamer_v1"


def test_hidden_texts_come_with_the_decoders_report():
    raw = RawMetadata.from_report({"stealth": [A1111]})
    assert raw == RawMetadata(stealth=(A1111,))


def test_what_is_written_and_what_is_hidden_is_told_once():
    assert len(found(text={"parameters": A1111}, stealth=(A1111,))) == 1


def test_a_reference_picture_is_edited_although_all_is_painted_over():
    nodes = json.loads(graph(latent="picture"))
    nodes["reference"] = {"class_type": "ReferenceLatent", "inputs": {"latent": ["picture", 0]}}
    assert said(text={"prompt": json.dumps(nodes)}) == [("ComfyUI", Origin.AI_EDITED)]


@pytest.mark.parametrize("value", ["0", "null", '"0"'])
def test_a_galaxy_edit_without_ai_says_nothing(value):
    data = '{"originalPath": "/photo.jpg", "genAIType": ' + value + "}"
    assert said(text={"PhotoEditor_Re_Edit_Data": data}) == []


def test_a_job_number_is_a_hint_and_no_claim():
    (hint,) = found(text={"hf-job-id": UUID})
    assert (hint.claims, hint.grade) == (Origin.UNKNOWN, Grade.NONE)
    assert hint.detail == {"signature": "hf-job-id", "state": "hint"}


PLAIN_GRAPH = json.dumps(
    {
        "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
        "2": {"class_type": "ImageScale", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}},
    }
)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"text": {"parameters": "my camera parameters"}},
        {"text": {"parameters": "Sampler: Euler, Seed: 4, CFG scale: 7"}},
        {"text": {"parameters": "Steps: many, Sampler: Euler"}},
        {"text": {"comment": "Pancakes. Steps: 3\nMix, fry, eat. Seed: sesame, 2 spoons"}},
        {"text": {"comment": "How I use Stable Diffusion: Sampler, Seed and CFG scale explained"}},
        {"exif": {"ImageDescription": "A photograph, not made with Stable Diffusion or ComfyUI"}},
        {"exif": {"UserComment": "Compare with Midjourney --v 6"}},
        {"text": {"prompt": "write me a poem"}},
        {"text": {"prompt": '{"a": 1}'}},
        {"text": {"prompt": '{"3": {"type": "KSampler", "inputs": {"seed": 1}}}'}},
        {"text": {"prompt": "[1, 2"}},
        {"text": {"prompt": 'about "class_type": "KSampler" in graphs'}},
        {"text": {"prompt": PLAIN_GRAPH}},
        {"text": {"workflow": '{"nodes": [{"type": "KSampler"}]}'}},
        {"text": {"workflow": '{"nodes": {}, "last_node_id": 1}'}},
        {"text": {"workflow": '{"nodes": [{"type": "KSampler"}], "links": []}'}},
        {"exif": {"Make": "Canon", "Model": "EOS R5", "Software": "Adobe Photoshop 25"}},
        {"exif": {"Make": "prompt: a cat"}},
        {"text": {"Software": "Adobe Photoshop"}},
        {"text": {"Software": "NovelAI and Photoshop"}},
        {"text": {"Title": "AI generated image", "Source": "my camera"}},
        {"text": {"Source": "Stable Diffusion, explained"}},
        {"text": {"fooocus_scheme": "fooocus"}},
        {"text": {"parameters": '{"software": "Fooocus fan page"}'}},
        {"exif": {"MakerNote": "fooocus", "UserComment": "in focus"}},
        {"text": {"parameters": '{"sui_image_params": "none"}'}},
        {"text": {"invokeai_metadata": "about InvokeAI"}},
        {"text": {"invokeai_metadata": '{"note": "none"}'}},
        {"text": {"sd-metadata": '{"image": "a card of 64 GB"}'}},
        {"text": {"Dream": "I had a dream -s and -S"}},
        {"text": {"use_stable_diffusion_model": "sd"}},
        {"text": {"Seed": "poppy", "Prompt": "draw"}},
        {"exif": {"UserComment": '{"c": "a", "uc": "b"}'}},
        {"xmp": packet("<exif:UserComment>{\"c\": 1}</exif:UserComment>")},
        {"exif": {"UserComment": '{"mflux_version": "0.9"}'}},
        {"text": {"Description": "AI is taking over, Job ID: none --v 6"}},
        {"text": {"Description": f"Shot for a client, Job ID: {UUID}"}},
        {"text": {"Description": "fox --ar 3:2 --v 6"}},
        {"exif": {"Artist": "Signature: me"}},
        {"exif": {"ImageDescription": "Signature: " + "aB3+" * 32}},
        {"exif": {"ImageDescription": "Signature: short", "Artist": UUID}},
        {"exif": {"Artist": UUID, "ImageDescription": "a dog"}},
        {"exif": {"Make": "Ideogram AI Fan"}},
        {"xmp": packet("", 'photoshop:Credit="Not made with Google AI"')},
        {"xmp": packet("<photoshop:Credit>Jane Doe</photoshop:Credit>")},
        {"text": {"comment": "genAIType 1"}},
        {"text": {"hf-job-id": "my job"}},
        {"stealth": ("hello",)},
        {"stealth": ('{"note": "hidden by hand"}',)},
    ],
)  # fmt: skip
def test_ordinary_files_say_nothing(raw):
    assert said(**raw) == []


def test_a_drawn_graph_that_was_painted_over_is_generated():
    assert said(text={"workflow": workflow(denoise=1)}) == [("ComfyUI", Origin.AI_GENERATED)]
