"""What files say of themselves, for each signature, and what must not be taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.readers.everything import read_all
from provenance.readers.raw import RawMetadata

A1111 = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 8x8"
COMFY = {"3": {"class_type": "KSampler", "inputs": {}}, "4": {"class_type": "SaveImage"}}
COMFY_EDIT = {**COMFY, "5": {"class_type": "LoadImage"}, "6": {"class_type": "VAEEncode"}}


def said(**raw):
    return {(item.generator, item.claims.value) for item in read_all(RawMetadata(**raw))}


@pytest.mark.parametrize(
    ("raw", "generator", "claims"),
    [
        ({"text": {"parameters": A1111}}, "Stable Diffusion web UI", "ai_generated"),
        ({"exif": {"UserComment": A1111}}, "Stable Diffusion web UI", "ai_generated"),
        (
            {"text": {"parameters": f"{A1111}, Denoising strength: 0.4"}},
            "Stable Diffusion web UI",
            "ai_edited",
        ),
        ({"text": {"prompt": json.dumps(COMFY)}}, "ComfyUI", "ai_generated"),
        ({"text": {"prompt": json.dumps(COMFY_EDIT)}}, "ComfyUI", "ai_edited"),
        ({"exif": {"Model": "prompt:" + json.dumps(COMFY)}}, "ComfyUI", "ai_generated"),
        ({"text": {"parameters": '{"sui_image_params": {}}'}}, "SwarmUI", "ai_generated"),
        ({"text": {"fooocus_scheme": "fooocus"}}, "Fooocus", "ai_generated"),
        (
            {"text": {"invokeai_metadata": '{"generation_mode":"txt2img"}'}},
            "InvokeAI",
            "ai_generated",
        ),
        ({"text": {"invokeai_metadata": '{"generation_mode":"img2img"}'}}, "InvokeAI", "ai_edited"),
        ({"text": {"Software": "NovelAI"}}, "NovelAI", "ai_generated"),
        ({"text": {"use_stable_diffusion_model": "sd"}}, "Easy Diffusion", "ai_generated"),
        (
            {"text": {"Description": "fox --v 6 Job ID: 01234567-89ab-cdef-0123-456789abcdef"}},
            "Midjourney",
            "ai_generated",
        ),
        ({"exif": {"Make": "Ideogram AI"}}, "Ideogram", "ai_generated"),
    ],
)
def test_generators_are_recognised(raw, generator, claims):
    assert (generator, claims) in said(**raw)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"text": {"parameters": "my camera parameters"}},
        {"text": {"prompt": "write me a poem"}},
        {"text": {"prompt": '{"a": 1}'}},
        {"text": {"prompt": "[1, 2"}},
        {"text": {"Software": "Adobe Photoshop"}},
        {"text": {"Description": "AI is taking over, Job ID: none"}},
        {"exif": {"Make": "Canon", "Model": "EOS R5", "Software": "Adobe Photoshop 25"}},
        {"exif": {"Artist": "Signature: me"}},
    ],
)
def test_ordinary_files_say_nothing(raw):
    assert said(**raw) == set()


def test_a_graph_that_was_cut_is_still_a_graph():
    graph = json.dumps(COMFY)[:-10]
    assert said(text={"prompt": graph}) == {("ComfyUI", "ai_generated")}


texts = st.dictionaries(
    st.sampled_from(["parameters", "prompt", "Software", "Description", "invokeai_metadata"]),
    st.text(max_size=200),
)


@given(texts, texts, st.text(max_size=300))
def test_readers_never_fail(text, exif, packet):
    read_all(RawMetadata(text=text, exif=exif, xmp=packet))
