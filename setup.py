"""Build one extension module for every .pyx file below `indicators`."""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension
from setuptools import setup


ROOT = Path(__file__).resolve().parent

EXTENSIONS = [
    Extension(
        ".".join(source.relative_to(ROOT).with_suffix("").parts),
        [source.relative_to(ROOT).as_posix()],
        # No fused multiply-add: streaming and batch give the same bits.
        extra_compile_args=["-O3", "-g0", "-ffp-contract=off"],
    )
    for source in sorted((ROOT / "indicators").rglob("*.pyx"))
]

setup(
    ext_modules=cythonize(
        EXTENSIONS,
        build_dir="build",
        nthreads=os.cpu_count() or 1,
        compiler_directives={
            "language_level": "3",
            "boundscheck": False,
            "wraparound": False,
            "cdivision": True,
            "embedsignature": True,
            "warn.deprecated.IF": False,
            "warn.deprecated.DEF": False,
        },
    ),
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
