from refapp.deploy.local.environment import inherited


def test_secrets_stay_with_the_caller(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-for-others")
    monkeypatch.setenv("TZ", "UTC")
    assert inherited()["TZ"] == "UTC"
    assert "AWS_SECRET_ACCESS_KEY" not in inherited()
