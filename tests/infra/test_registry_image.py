"""`image.sh`: the image of a commit, built in the registry once."""

import re
import shutil
from pathlib import Path

import pytest

from local.hosted import REPOSITORY
from tests.infra.stand_ins import COMMIT, IMAGE, REGISTRY, StandIns

BUILD = (
    f"az acr build --registry registry --image smart-cache:{COMMIT} --build-arg COMMIT={COMMIT} "
    "--platform linux/amd64 --timeout 1800 ."
)
REFUSED = "ERROR: (TasksOperationsNotAllowed) ACR Tasks requests are not permitted."
DOCKER = 'echo "docker $*" >>"$ASKED"\necho layer'


def test_the_image_of_a_commit_is_built_in_the_registry_once(programs: StandIns) -> None:
    for _ in range(2):
        done = programs.run("infra/image.sh", REGISTRY=REGISTRY)
        assert (done.returncode, done.stdout) == (0, f"{IMAGE}\n")
    assert programs.changes == [BUILD]


@pytest.mark.parametrize(
    ("variables", "start"),
    [({"DIRTY": " M shared/version.py"}, COMMIT), ({"NO_GIT": "yes"}, "uncommitted")],
)
def test_what_is_not_committed_gets_a_tag_of_its_own(
    programs: StandIns, variables: dict[str, str], start: str
) -> None:
    done = programs.run("infra/image.sh", REGISTRY=REGISTRY, **variables)
    pattern = rf"{re.escape(REGISTRY)}/smart-cache:{start}-\d{{8}}T\d{{6}}Z\n"
    assert re.fullmatch(pattern, done.stdout)
    assert len(programs.changes) == 1


def test_every_file_that_enters_the_image_counts_as_a_change() -> None:
    script = (REPOSITORY / "infra" / "image.sh").read_text("utf-8")
    watched = set(script.partition("status --porcelain -- \\\n")[2].partition(")")[0].split())
    dockerfile = (REPOSITORY / "Dockerfile").read_text("utf-8")
    copied = {
        name.strip("/")
        for line in re.findall(r"^COPY (?!--from)(.*) \S+$", dockerfile, re.MULTILINE)
        for name in line.split()
    }
    assert copied | {"Dockerfile", ".dockerignore"} == watched


def test_what_dockerignore_leaves_out_is_left_out_by_az_too() -> None:
    """For az a rule that ends with a slash matches nothing."""
    rules = (REPOSITORY / ".dockerignore").read_text("utf-8").split("\n")
    out = [rule for rule in rules if rule and not rule.startswith(("#", "!"))]
    assert "**/__pycache__" in out
    assert not [rule for rule in out if rule.endswith("/")]


def test_a_build_that_fails_says_so_after_its_log(programs: StandIns) -> None:
    programs.azure["build"] = "ERROR: Run failed"
    done = programs.run("infra/image.sh", REGISTRY=REGISTRY)
    assert (done.returncode, done.stdout) == (1, "")
    log, sentence = done.stderr.strip().splitlines()
    assert log == "ERROR: Run failed"
    assert sentence.startswith("The image was not built; the reason is above.")


def test_docker_builds_where_the_subscription_may_not(tmp_path: Path) -> None:
    programs = StandIns(tmp_path, docker=DOCKER)
    programs.azure["build"] = REFUSED
    done = programs.run("infra/image.sh", REGISTRY=REGISTRY)
    assert (done.returncode, done.stdout) == (0, f"{IMAGE}\n")
    assert programs.changes == [
        BUILD,
        f"docker build --platform linux/amd64 --build-arg COMMIT={COMMIT} --tag {IMAGE} .",
        "az acr login --name registry --output none",
        f"docker push {IMAGE}",
    ]


def test_without_docker_it_says_what_to_do(programs: StandIns) -> None:
    programs.azure["build"] = REFUSED
    done = programs.run("infra/image.sh", REGISTRY=REGISTRY, PATH=bare_path(programs))
    assert done.returncode == 1
    assert "Docker is not installed here" in done.stderr
    assert "https://aka.ms/azuresupport" in done.stderr


def bare_path(programs: StandIns) -> str:
    """The stand-ins and the few programs that the script needs, without Docker."""
    folder = programs.folder / "bare"
    folder.mkdir()
    for name in ["bash", "env", "tee", "grep", "mktemp", "rm", "dirname", "date"]:
        (folder / name).symlink_to(str(shutil.which(name)))
    return f"{programs.folder}:{folder}"
