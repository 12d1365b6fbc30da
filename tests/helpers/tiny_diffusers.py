"""A Stable Diffusion of a few megabytes with random weights: real loading and sampling code.

What it paints is noise of its own kind. Made in a second or two, where torch and diffusers are
installed (requirements-diffusers.txt).
"""

import importlib.util
import json
import tempfile
from functools import cache
from pathlib import Path

INSTALLED = all(importlib.util.find_spec(name) for name in ("torch", "diffusers", "transformers"))
LETTERS = [chr(code) for code in (*range(33, 127), *range(161, 173), *range(174, 324))]
_kept: list[tempfile.TemporaryDirectory[str]] = []


@cache
def weights() -> str:
    """The folder of the weights, made once."""
    import torch
    from diffusers import (
        AutoencoderKL,
        DDIMScheduler,
        StableDiffusionPipeline,
        UNet2DConditionModel,
    )

    _kept.append(tempfile.TemporaryDirectory(prefix="pentimento-weights-"))
    folder = Path(_kept[-1].name)
    torch.manual_seed(0)
    tokenizer, text = _words(folder)
    unet = UNet2DConditionModel(
        sample_size=16,
        block_out_channels=(32, 64),
        layers_per_block=1,
        cross_attention_dim=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        attention_head_dim=8,
        norm_num_groups=16,
    )
    vae = AutoencoderKL(
        block_out_channels=(16, 32, 32, 32),
        latent_channels=4,
        norm_num_groups=16,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )
    scheduler = DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )
    StableDiffusionPipeline(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=scheduler,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder / "sd")
    return str(folder / "sd")


def _words(folder: Path):
    """A tokenizer of single letters, and a text encoder for it."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    pieces = [*LETTERS, *(f"{letter}</w>" for letter in LETTERS)]
    pieces += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({piece: n for n, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    names = (str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer = CLIPTokenizer(*names, model_max_length=77)
    end = len(pieces) - 1
    config = CLIPTextConfig(
        vocab_size=len(pieces),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        bos_token_id=end - 1,
        eos_token_id=end,
        pad_token_id=end,
    )
    return tokenizer, CLIPTextModel(config).eval()
