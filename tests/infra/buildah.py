"""Builds images with buildah, in a store that is deleted when the tests end."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from local.process import Child
from local.programs import BUILDAH

BUILD_SECONDS = 900


class Buildah:
    """Runs buildah; `folder` holds its images, containers and temporary files."""

    def __init__(self, folder: Path) -> None:
        self._program = BUILDAH.path()
        self._folder = folder
        self._environment = {**os.environ, "TMPDIR": str(folder), "BUILDAH_ISOLATION": "chroot"}
        self._command = [self._program, f"--root={folder}/root", f"--runroot={folder}/run"]
        self._command.append(f"--storage-driver={self._driver(folder)}")

    def close(self) -> None:
        """Remove every container, image and mount, even after a failure."""
        for command in ("rm --all", "rmi --all --force"):
            subprocess.run([*self._command, *command.split()], env=self._environment, check=False)
        for mount in ("root/overlay", "probe/overlay"):
            target = self._folder / mount
            if target.is_mount():
                subprocess.run(["umount", "--recursive", "--lazy", target], check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _driver(self, folder: Path) -> str:
        """Return `overlay` if it can be mounted, else `vfs`, which is four times as slow."""
        probe = [self._program, f"--root={folder}/probe", f"--runroot={folder}/run-probe"]
        probe += ["--storage-driver=overlay", "info"]
        done = subprocess.run(probe, env=self._environment, check=False, capture_output=True)
        return "vfs" if done.returncode else "overlay"

    def __call__(self, *arguments: str | Path) -> str:
        """Run a command of buildah; fail with its output if it fails."""
        done = subprocess.run(
            [*self._command, *map(str, arguments)],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=BUILD_SECONDS,
        )
        assert done.returncode == 0, f"buildah {arguments[0]}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def build(
        self, context: Path, *, base: str, tag: str, volumes: Mapping[Path, str], **args: str
    ) -> None:
        """Build the Dockerfile of `context` on the local image `base`, without pulling one."""
        self(
            *("bud", "--pull-never", "--format=docker", "--network=host", "--layers"),
            *(f"--from={base}", f"--tag={tag}"),
            *(f"--volume={here}:{there}" for here, there in volumes.items()),
            *(f"--build-arg={name}={value}" for name, value in args.items()),
            context,
        )

    def inspect(self, image: str) -> dict[str, Any]:
        """Return the image's configuration in Docker's format."""
        config: dict[str, Any] = json.loads(self("inspect", "--type=image", image))["Docker"][
            "config"
        ]
        return config

    def start(
        self, container: str, volumes: Mapping[Path, str], command: Sequence[str], **env: str
    ) -> Child:
        """Run a command in a container, as the image's user, on this machine's network."""
        mounted = [f"--volume={here}:{there}:ro" for here, there in volumes.items()]
        variables = [f"--env={name}={value}" for name, value in env.items()]
        run = [*self._command, "run", *mounted, *variables, container, "--", *command]
        return Child(run, env=self._environment)
