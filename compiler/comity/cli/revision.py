"""`comity lint --diff-base`: the findings of another revision of the repository.

The revision is written to a temporary folder through an index of its own, so neither the user's files, nor the index,
nor the list of worktrees change, and no hook runs.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from comity.base.diagnostics import Diagnostic
from comity.base.watching import work_for
from comity.cli.streams import note
from comity.linter.baseline import Entry, compare, entries
from comity.pipeline.found import Lint
from comity.pipeline.linting import lint
from comity.runtime.light import dataclass
from comity.workspace.config import Config
from comity.workspace.project import UsageError, absolute, places, repository_of

OF_A_HOOK = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE"}
"""Variables that git sets for hooks, which would take the place of the repository named."""


@dataclass(frozen=True, slots=True)
class Base:
    """The findings of an earlier revision, by path from the root of the repository."""

    root: Path
    findings: tuple[Entry, ...]

    def new(self, result: Lint) -> tuple[Diagnostic, ...]:
        """The findings that the earlier revision does not have, and all errors."""

        def locate(path: str) -> str:
            return _below(self.root, path)

        return compare(self.findings, result.diagnostics, result.sources, locate, lambda _entry: False).new


def findings_at(reference: str, paths: Sequence[str], jobs: int, adjust: Callable[[Config], Config]) -> Base:
    """The findings about ``paths`` as they were where the current branch left the revision ``reference``.

    Each revision is judged by the settings that it has itself. Raises UsageError if git does not know it.
    """
    root, named = _repository_at(paths)
    commit = _base_commit(root, reference)
    with _checkout_of(root, commit) as folder, work_for(f"as of {reference}"):
        there = [str(folder / path) for path in named if (folder / path).exists()]
        found = lint(there, None, None, jobs, adjust) if there else Lint()
        known = entries(found.diagnostics, found.sources, lambda path: _below(folder, path))
    if not found.analysed:
        note(f"`{reference}` has errors, so nothing was proved about it: findings that it had may be called new")
    return Base(root, tuple(known))


def _below(root: Path, path: str) -> str:
    file = absolute(path)
    return file.relative_to(root).as_posix() if file.is_relative_to(root) else path


@contextmanager
def _checkout_of(root: Path, commit: str) -> Iterator[Path]:
    """A temporary folder with the files of a commit of the repository at ``root``."""
    with tempfile.TemporaryDirectory(prefix="comity-base-") as scratch:
        folder = Path(scratch).resolve() / "tree"
        folder.mkdir()
        index = {"GIT_INDEX_FILE": str(Path(scratch).resolve() / "index")}
        _git(root, "read-tree", commit, extra=index)
        _git(root, "checkout-index", "--all", "--quiet", f"--prefix={folder}/", extra=index)
        yield folder


def _base_commit(root: Path, reference: str) -> str:
    """The commit that a change is compared with: where its branch left ``reference``, as `git diff REF...` does.

    A shallow clone may not know where that was; then it is ``reference`` itself.
    """
    try:
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{reference}^{{commit}}")
    except UsageError as error:
        hint = "fetch it first; on GitHub Actions, actions/checkout needs `fetch-depth: 0`"
        why = f" ({error})" if str(error) else ""
        raise UsageError(f"git does not know the revision `{reference}`{why}: {hint}") from None
    try:
        return _git(root, "merge-base", commit, "HEAD")
    except UsageError:
        return commit


def _repository_at(paths: Sequence[str]) -> tuple[Path, list[Path]]:
    """The one repository that ``paths`` are in, and these relative to its root. Raises UsageError."""
    named = places(paths)
    roots = {repository_of(path if path.is_dir() else path.parent) for path in named}
    if roots == {None} or not roots:
        raise UsageError("--diff-base compares with a revision in git, and this is not a git repository")
    if len(roots) > 1 or None in roots:
        raise UsageError("--diff-base needs paths of one git repository")
    (root,) = roots
    assert root is not None
    return root, [absolute(path).relative_to(root) for path in named]


def _git(root: Path, *arguments: str, extra: dict[str, str] | None = None) -> str:
    """The output of a git command, run at ``root``; raises UsageError with what git says if it fails."""
    inherited = {name: value for name, value in os.environ.items() if name not in OF_A_HOOK}
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True, check=False, env={**inherited, **(extra or {})}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise UsageError(said[0] if said else "")
    return done.stdout.decode(errors="replace").strip()
