from refapp.draw.graph.player import PLAYER, STYLE


def test_the_script_is_one_function_and_the_style_is_its_own():
    assert PLAYER.strip().startswith("function (name, data) {")
    assert PLAYER.strip().endswith("}")
    assert PLAYER.count("{") == PLAYER.count("}")
    assert "</" not in PLAYER
    assert all(".refapp-replay" in rule for rule in STYLE.split("}") if "{" in rule)
