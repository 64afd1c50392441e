import json

from training.curves import Course, table


def test_a_course_is_read_from_the_log_and_a_step_done_twice_counts_once(tmp_path):
    entries = [
        {"event": "start", "step": 0, "recipe": {"batch_size": 24}},
        {"step": 20, "loss": 1.0},
        {"step": 400, "dev": {"f1": 71.56, "auroc": 0.8973}, "score": 80.6},
        {"event": "start", "step": 200, "recipe": {"batch_size": 24}},
        {"step": 400, "dev": {"f1": 72.0, "auroc": 0.9}, "score": 81.0},
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    course = Course.read(tmp_path)
    assert course.points == ((9600, {"f1": 72.0, "auroc": 0.9}),)
    assert table([course]).splitlines()[-1] == f"| {tmp_path.name} | 9,600 | 72.0 | – | 0.900 | – | – |"
