"""The chats from which the summariser that ships has learnt."""

from scripts.finetune_summariser import OF_THREE, pairs_to_learn


def writers(row):
    return {line.split(": ")[0] for line in row["dialogue"].split("\n")}


def test_every_summary_names_everybody_who_writes():
    chats = pairs_to_learn(400, seed=3)
    assert len(chats) == 400
    assert all(writers(row) <= set(row["names"]) for row in chats)
    of_three = sum(len(writers(row)) == 3 for row in chats)
    assert of_three == OF_THREE * 400
    first = [len(writers(row)) for row in chats.select(range(100))]
    assert 25 <= first.count(3) <= 55  # they are mixed
    assert chats["dialogue"][:] == pairs_to_learn(400, seed=3)["dialogue"][:]
