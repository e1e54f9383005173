import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from serving.export.signatures import TRANSLATION_INPUTS
from serving.export.warmup import write_warmup_requests


def test_requests_cover_signatures_lengths_and_batches(tmp_path):
    count = write_warmup_requests(tmp_path, TRANSLATION_INPUTS, ["긴 문장을 하나 씁니다", "a", "mid size"])
    records = []
    for item in tf.data.TFRecordDataset(str(tmp_path / "assets.extra" / "tf_serving_warmup_requests")):
        log = prediction_log_pb2.PredictionLog.FromString(item.numpy())
        records.append(log.predict_log.request)
    assert len(records) == count == 4 + 9
    by_name = {record.model_spec.signature_name: record for record in records}
    assert set(by_name) == set(TRANSLATION_INPUTS)
    for name, record in by_name.items():
        assert set(record.inputs) == set(TRANSLATION_INPUTS[name])
    plain = [
        (len(record.inputs["text"].string_val) or record.inputs["text"].tensor_shape.dim[0].size)
        for record in records
        if record.model_spec.signature_name == "serving_default"
    ]
    assert sorted(set(plain)) == [1, 8, 32]
    options = by_name["translate_with_options"]
    assert tf.make_ndarray(options.inputs["temperature"]).tolist()[0] == 0.0
    assert options.inputs["seed"].dtype == tf.int64.as_datatype_enum
