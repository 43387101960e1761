"""How an operator's tools reach Kafka."""

from pydantic import SecretStr

from deploy.topics_admin import access
from shared.runtime.settings import KafkaSettings


def test_every_tool_signs_in_where_kafka_asks_for_it() -> None:
    scram = KafkaSettings(
        bootstrap_servers="kafka:9093",
        security="scram",
        username="operator",
        password=SecretStr("hush"),
        ca_file="/ca.pem",
    )
    assert access(scram) == {
        "bootstrap_servers": "kafka:9093",
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "operator",
        "sasl_plain_password": "hush",
        "ssl_cafile": "/ca.pem",
    }
    assert access(KafkaSettings(bootstrap_servers="here:9092", security="plaintext")) == {
        "bootstrap_servers": "here:9092"
    }
