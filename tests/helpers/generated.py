"""What generators write into their files, made up by hand: (fields of RawMetadata) by name.

PICTURES holds what came from words alone, EDITS what a picture was given to. The prompts, seeds and
names in them are marked PRIVATE, so that a test can see that none of them is shown.
"""

import json

UUID = "01234567-89ab-cdef-0123-456789abcdef"
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
A1111 = (
    "PRIVATE cat\nNegative prompt: PRIVATE dog\n"
    "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 4242424242, Size: 512x512, "
    "Model hash: abc, Model: dreamer_v1, Version: v1.9.4"
)
A1111_EDIT = f"{A1111}, Denoising strength: 0.4"


def packet(body: str, attributes: str = "") -> str:
    """An XMP packet with `body` in its description."""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:plus="http://ns.useplus.org/ldf/xmp/1.0/"
 xmlns:tdm="http://www.w3.org/ns/tdmrep/"
 xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"
 {attributes}>{body}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def source_type(term: str) -> str:
    return f"<Iptc4xmpExt:DigitalSourceType>{IPTC}{term}</Iptc4xmpExt:DigitalSourceType>"


def in_list(tag: str, text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<{tag}><rdf:Alt><rdf:li xml:lang="x-default">{escaped}</rdf:li></rdf:Alt></{tag}>'


def graph(*, denoise: float = 1.0, latent: str = "empty", encoder: str = "VAEEncode") -> str:
    """A ComfyUI graph as it is run; `latent` is `empty` or `picture`, where sampling begins."""
    return json.dumps(
        {
            "ckpt": {
                "class_type": "CheckpointLoaderSimple",
                "inputs": {"ckpt_name": "C:\\Users\\PRIVATE\\dreamer.safetensors"},
            },
            "text": {"class_type": "CLIPTextEncode", "inputs": {"text": "PRIVATE cat"}},
            "empty": {"class_type": "EmptyLatentImage", "inputs": {"width": 512}},
            "photo": {"class_type": "LoadImage", "inputs": {"image": "PRIVATE.png"}},
            "scaled": {"class_type": "ImageScale", "inputs": {"image": ["photo", 0]}},
            "picture": {"class_type": encoder, "inputs": {"pixels": ["scaled", 0]}},
            "sampler": {
                "class_type": "KSampler",
                "inputs": {
                    "seed": 4242424242,
                    "denoise": denoise,
                    "model": ["ckpt", 0],
                    "positive": ["text", 0],
                    "latent_image": [latent, 0],
                },
            },
            "save": {"class_type": "SaveImage", "inputs": {"images": ["sampler", 0]}},
        }
    )


def workflow(*, denoise: float = 1.0, mode: int = 0) -> str:
    """A ComfyUI graph as it is drawn: a loaded picture is encoded and sampled."""
    return json.dumps(
        {
            "last_node_id": 3,
            "last_link_id": 2,
            "nodes": [
                {"id": 1, "type": "LoadImage", "mode": mode, "widgets_values": ["PRIVATE.png"]},
                {"id": 2, "type": "VAEEncode", "mode": mode},
                {
                    "id": 3,
                    "type": "KSampler",
                    "widgets_values": [
                        4242424242, "fixed", 20, 7, "euler", "normal", denoise,
                    ],
                },
            ],
            "links": [[1, 1, 0, 2, 0, "IMAGE"], [2, 2, 0, 3, 3, "LATENT"]],
        }
    )  # fmt: skip


def civitai() -> str:
    nodes = json.loads(graph())
    return json.dumps({**nodes, "extra": {"airs": ["urn:air:sd1"]}, "extraMetadata": "{}"})


SWARM = {"sui_image_params": {"prompt": "PRIVATE", "model": "flux", "swarm_version": "0.9.8"}}
SWARM_EDIT = {"sui_image_params": {**SWARM["sui_image_params"], "initimagecreativity": 0.6}}
FOOOCUS = json.dumps({"prompt": "PRIVATE", "base_model": "jugger", "version": "Fooocus v2.5.0"})
NOVELAI = {
    "Title": "NovelAI generated image",
    "Software": "NovelAI",
    "Source": "NovelAI Diffusion V4 4F49EC75",
    "Description": "PRIVATE",
    "Comment": json.dumps(
        {
            "prompt": "PRIVATE", "steps": 28, "sampler": "k_euler", "seed": 4242424242,
            "request_type": "PromptGenerateRequest",
        }
    ),
}  # fmt: skip
NOVELAI_EDIT = {**NOVELAI, "Comment": '{"steps": 28, "request_type": "Img2ImgRequest"}'}
NOVELAI_INFILL = {**NOVELAI, "Comment": '{"request_type": "NativeInfillingRequest"}'}
DRAW_THINGS = {
    "c": "PRIVATE", "uc": "", "model": "sd_v1.5", "sampler": "Euler", "seed": 4242424242,
    "strength": 1.0,
}  # fmt: skip
EASY = {
    "prompt": "PRIVATE", "negative_prompt": "", "seed": "4242424242",
    "use_stable_diffusion_model": "/home/PRIVATE/models/sd-v1-5", "sampler_name": "euler",
}  # fmt: skip
EASY_SHOWN = {
    "Prompt": "PRIVATE", "Negative Prompt": "", "Seed": "4242424242",
    "Stable Diffusion model": "sd-v1-5",
}  # fmt: skip
MIDJOURNEY = f"PRIVATE fox --ar 3:2 --v 6.1 Job ID: {UUID}"
GUID = packet("", f'Iptc4xmpExt:DigImageGUID="{UUID}"')

PICTURES: dict[str, tuple[str, dict]] = {
    "a1111 png": ("Stable Diffusion web UI", {"text": {"parameters": A1111}}),
    "a1111 exif": ("Stable Diffusion web UI", {"exif": {"UserComment": A1111}}),
    "a1111 gif or jpeg comment": ("Stable Diffusion web UI", {"text": {"comment": A1111}}),
    "a1111 second pass": (
        "Stable Diffusion web UI",
        {"text": {"parameters": f"{A1111_EDIT}, Hires upscale: 2, Hires upscaler: Latent"}},
    ),
    "a1111 second pass to a size": (
        "Stable Diffusion web UI",
        {"text": {"parameters": f"{A1111_EDIT}, Hires resize: 1024x1024"}},
    ),
    "a1111 all painted over": (
        "Stable Diffusion web UI",
        {"text": {"parameters": f"{A1111}, Denoising strength: 1"}},
    ),
    "forge": (
        "Stable Diffusion WebUI Forge",
        {"text": {"parameters": A1111.replace("v1.9.4", "f2.0.1v1.10.1-previous-1")}},
    ),
    "sd.next": ("SD.Next", {"text": {"parameters": f"{A1111}, App: SD.Next"}}),
    "stable-diffusion.cpp": (
        "stable-diffusion.cpp",
        {"text": {"parameters": A1111.replace("v1.9.4", "stable-diffusion.cpp")}},
    ),
    "a1111 stealth": ("Stable Diffusion web UI", {"stealth": (A1111,)}),
    "comfyui run": ("ComfyUI", {"text": {"prompt": graph()}}),
    "comfyui drawn": ("ComfyUI", {"text": {"workflow": workflow()}}),
    "comfyui bypassed picture": ("ComfyUI", {"text": {"workflow": workflow(denoise=0.5, mode=4)}}),
    "comfyui picture for control only": ("ComfyUI", {"text": {"prompt": graph(denoise=0.5)}}),
    "comfyui all painted over": ("ComfyUI", {"text": {"prompt": graph(latent="picture")}}),
    "comfyui exif make": ("ComfyUI", {"exif": {"Make": f"workflow:{workflow()}"}}),
    "comfyui exif model": ("ComfyUI", {"exif": {"Model": f"prompt:{graph()}"}}),
    "comfyui cut": ("ComfyUI", {"text": {"prompt": '{"3": {"class_type": "KSampler", "inp'}}),
    "civitai": ("Civitai", {"exif": {"UserComment": civitai()}}),
    "swarmui png": ("SwarmUI", {"text": {"parameters": json.dumps(SWARM)}}),
    "swarmui exif": ("SwarmUI", {"exif": {"UserComment": json.dumps(SWARM)}}),
    "fooocus png": ("Fooocus", {"text": {"parameters": FOOOCUS, "fooocus_scheme": "fooocus"}}),
    "fooocus a1111 scheme": (
        "Fooocus",
        {
            "text": {
                "parameters": A1111.replace("v1.9.4", "Fooocus v2.5.0"),
                "fooocus_scheme": "a1111",
            }
        },
    ),
    "fooocus exif": ("Fooocus", {"exif": {"UserComment": FOOOCUS, "MakerNote": "fooocus"}}),
    "ruined fooocus": (
        "RuinedFooocus",
        {"text": {"parameters": '{"Prompt": "PRIVATE", "software": "RuinedFooocus"}'}},
    ),
    "invokeai metadata": (
        "InvokeAI",
        {
            "text": {
                "invokeai_metadata": json.dumps(
                    {
                        "generation_mode": "flux_txt2img", "app_version": "5.4.0",
                        "positive_prompt": "PRIVATE", "seed": 4242424242,
                        "model": {"name": "flux-dev"},
                    }
                )
            }
        },
    ),
    "invokeai graph": ("InvokeAI", {"text": {"invokeai_graph": '{"id": "x", "nodes": {}}'}}),
    "invokeai workflow": ("InvokeAI", {"text": {"invokeai_workflow": '{"nodes": []}'}}),
    "invokeai sd-metadata": (
        "InvokeAI",
        {"text": {"sd-metadata": '{"model": "sd", "image": {"prompt": "PRIVATE"}}'}},
    ),
    "invokeai dream": (
        "InvokeAI",
        {"text": {"Dream": '"PRIVATE cat" -s 50 -S 4242424242 -W 512 -H 512 -C 7.5 -A k_lms'}},
    ),
    "novelai png": ("NovelAI", {"text": NOVELAI}),
    "novelai by title": (
        "NovelAI",
        {"text": {"Title": "AI generated image", "Source": "Stable Diffusion 81274D13"}},
    ),
    "novelai exif": ("NovelAI", {"exif": {"Software": "NovelAI"}}),
    "novelai stealth": ("NovelAI", {"stealth": (json.dumps(NOVELAI),)}),
    "easy diffusion png": ("Easy Diffusion", {"text": EASY}),
    "easy diffusion shown names": ("Easy Diffusion", {"text": EASY_SHOWN}),
    "easy diffusion exif": ("Easy Diffusion", {"exif": {"UserComment": json.dumps(EASY)}}),
    "draw things": (
        "Draw Things",
        {"xmp": packet(in_list("exif:UserComment", json.dumps(DRAW_THINGS)))},
    ),
    "mflux": (
        "mflux",
        {"exif": {"UserComment": '{"mflux_version": "0.9", "seed": 4242424242, "model": "dev"}'}},
    ),
    "midjourney png": ("Midjourney", {"text": {"Description": MIDJOURNEY}}),
    "midjourney exif": ("Midjourney", {"exif": {"ImageDescription": MIDJOURNEY}}),
    "midjourney by its image number": (
        "Midjourney",
        {"text": {"Description": f"PRIVATE fox Job ID: {UUID}"}, "xmp": GUID},
    ),
    "grok": (
        "xAI Grok",
        {"exif": {"ImageDescription": "Signature: " + "aB3+" * 32 + "==", "Artist": UUID}},
    ),
    "ideogram": ("Ideogram", {"exif": {"Make": "Ideogram AI"}}),
    "google": (
        "Google AI",
        {
            "xmp": packet(
                source_type("trainedAlgorithmicMedia"), 'photoshop:Credit="Made with Google AI"'
            )
        },
    ),
}  # fmt: skip

EDITS: dict[str, tuple[str, dict]] = {
    "a1111 img2img": ("Stable Diffusion web UI", {"text": {"parameters": A1111_EDIT}}),
    "a1111 inpaint": (
        "Stable Diffusion web UI", {"text": {"parameters": f"{A1111}, Mask blur: 4"}},
    ),
    "sd.next img2img": (
        "SD.Next", {"text": {"parameters": f"{A1111}, App: SD.Next, Operations: img2img"}},
    ),
    "a1111 stealth img2img": ("Stable Diffusion web UI", {"stealth": (A1111_EDIT,)}),
    "comfyui run": ("ComfyUI", {"text": {"prompt": graph(latent="picture", denoise=0.6)}}),
    "comfyui inpaint": (
        "ComfyUI",
        {"text": {"prompt": graph(latent="picture", encoder="VAEEncodeForInpaint")}},
    ),
    "comfyui drawn": ("ComfyUI", {"text": {"workflow": workflow(denoise=0.5)}}),
    "comfyui exif": (
        "ComfyUI", {"exif": {"Model": f"prompt:{graph(latent='picture', denoise=0.6)}"}},
    ),
    "comfyui cut": (
        "ComfyUI",
        {
            "text": {
                "prompt": '{"1": {"class_type": "LoadImage"}, "2": {"class_type": "VAEEncode"}, "3'
            }
        },
    ),
    "swarmui": ("SwarmUI", {"text": {"parameters": json.dumps(SWARM_EDIT)}}),
    "invokeai img2img": (
        "InvokeAI", {"text": {"invokeai_metadata": '{"generation_mode": "img2img"}'}},
    ),
    "invokeai inpaint": (
        "InvokeAI", {"text": {"invokeai_metadata": '{"generation_mode": "sdxl_inpaint"}'}},
    ),
    "invokeai outpaint": (
        "InvokeAI", {"text": {"invokeai_metadata": '{"generation_mode": "flux_outpaint"}'}},
    ),
    "invokeai sd-metadata": (
        "InvokeAI", {"text": {"sd-metadata": '{"model": "sd", "image": {"type": "img2img"}}'}},
    ),
    "invokeai dream": ("InvokeAI", {"text": {"Dream": '"cat" -s50 -S42 -C7.5 -I PRIVATE.png'}}),
    "novelai": ("NovelAI", {"text": NOVELAI_EDIT}),
    "novelai infill": ("NovelAI", {"text": NOVELAI_INFILL}),
    "novelai stealth": ("NovelAI", {"stealth": (json.dumps(NOVELAI_EDIT),)}),
    "easy diffusion": ("Easy Diffusion", {"text": {**EASY, "prompt_strength": "0.8"}}),
    "draw things": (
        "Draw Things",
        {"xmp": packet(in_list("exif:UserComment", json.dumps({**DRAW_THINGS, "strength": 0.4})))},
    ),
    "mflux": (
        "mflux",
        {"exif": {"UserComment": '{"mflux_version": "0.9", "seed": 1, "image_path": "PRIVATE"}'}},
    ),
    "google edited": ("Google AI", {"xmp": packet("", 'photoshop:Credit="Edited with Google AI"')}),
    "google composite": (
        "Google AI",
        {
            "xmp": packet(
                source_type("compositeWithTrainedAlgorithmicMedia"),
                'photoshop:Credit="Made with Google AI"',
            )
        },
    ),
    "samsung": (
        "Samsung Galaxy AI",
        {"text": {"PhotoEditor_Re_Edit_Data": '{"originalPath": "PRIVATE", "genAIType": 1}'}},
    ),
}  # fmt: skip
