"""A repacked wheel is smaller, holds the same, and can be read."""

import zipfile

from scripts.repack_wheels import repack


def test_a_wheel_keeps_its_files_and_becomes_smaller(tmp_path):
    wheel = tmp_path / "made-1-py3-none-any.whl"
    text = "".join(f"line {i}: {i * i}\n" for i in range(20_000))
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("made/text.txt", text)
        file.writestr("made-1.dist-info/RECORD", "made/text.txt,,\n")
    before = wheel.stat().st_size
    assert repack(wheel) == before - wheel.stat().st_size > 0
    with zipfile.ZipFile(wheel) as file:
        assert file.testzip() is None
        assert file.read("made/text.txt").decode() == text
        assert file.namelist() == ["made/text.txt", "made-1.dist-info/RECORD"]
    assert repack(wheel) == 0
