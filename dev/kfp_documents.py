"""Write every conformance program as KFP's YAML, or let a release of the SDK write it again.

Usage: kfp_documents.py write FOLDER | reload FOLDER. Reloading needs nothing of this project.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write(folder: Path) -> int:
    """Compile the programs that KFP takes."""
    sys.path.insert(0, str(ROOT / "tests"))
    from conformance.catalog import programs
    from dagger_providers import kfp
    from dagger_providers.errors import CapabilityError

    for program in programs():
        name = program.__name__.rpartition(".")[2]
        try:
            text = kfp.compile(program.PIPELINE, image="image:1", store="s3://bucket/runs")
        except CapabilityError:
            continue  # it is refused by a reason that the table of the target has
        (folder / f"{name}.yaml").write_text(text)
    return 0


def reload(folder: Path) -> int:
    """Load each and compile it; return 1 when one becomes another."""
    import yaml
    from kfp import __version__, compiler, components

    files, different = sorted(folder.glob("*.yaml")), []
    for file in files:
        ours = list(yaml.safe_load_all(file.read_text()))
        again = file.with_suffix(".again")
        compiler.Compiler().compile(components.load_component_from_file(str(file)), f"{again}.yaml")
        theirs = list(yaml.safe_load_all(Path(f"{again}.yaml").read_text()))
        theirs[0]["sdkVersion"] = ours[0]["sdkVersion"]
        if ours != theirs:
            different.append(file.stem)
    for name in different:
        print(f"{name}: other than we compiled it")
    print(f"kfp {__version__}: {len(files) - len(different)} of {len(files)} programs equal")
    return 1 if different or not files else 0


if __name__ == "__main__":
    sys.exit({"write": write, "reload": reload}[sys.argv[1]](Path(sys.argv[2])))
