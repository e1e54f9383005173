import tensorflow as tf
from tensorflow_serving.apis import prediction_log_pb2

from seqapp.features import Text
from seqapp.signatures import declared_signatures
from seqapp.tasks.classification import ClassificationTask
from seqapp.tasks.translation import TranslationTask
from serving.export.samples import of_texts
from serving.export.warmup import write_warmup_requests


def records_of(directory):
    path = directory / "assets.extra" / "tf_serving_warmup_requests"
    for item in tf.data.TFRecordDataset(str(path)):
        yield prediction_log_pb2.PredictionLog.FromString(item.numpy())


def test_requests_cover_signatures_lengths_and_batches(tmp_path):
    signatures = declared_signatures(TranslationTask)
    samples = of_texts(["긴 문장을 하나 씁니다".encode(), b"a", b"mid size"], TranslationTask.features)
    count = write_warmup_requests(tmp_path, signatures, samples)
    records = [log.predict_log.request for log in records_of(tmp_path)]
    assert len(records) == count == 4 + 9
    by_name = {record.model_spec.signature_name: record for record in records}
    assert set(by_name) == {one.name for one in signatures}
    for one in signatures:
        assert set(by_name[one.name].inputs) == set(one.inputs)
    plain = [
        (len(record.inputs["text"].string_val) or record.inputs["text"].tensor_shape.dim[0].size)
        for record in records
        if record.model_spec.signature_name == "serving_default"
    ]
    assert sorted(set(plain)) == [1, 8, 32]
    options = by_name["translate_with_options"]
    assert tf.make_ndarray(options.inputs["temperature"]).tolist()[0] == 0.0
    assert options.inputs["seed"].dtype == tf.int64.as_datatype_enum
    assert tf.make_ndarray(options.inputs["text"]).tolist()[:2] == [b"a", b"mid size"]


def test_classify_is_asked_with_examples(tmp_path):
    signatures = declared_signatures(ClassificationTask)
    write_warmup_requests(tmp_path, signatures, of_texts([b"a", b"bc"], [Text("text", "")]))
    (log,) = [log for log in records_of(tmp_path) if log.WhichOneof("log_type") == "classify_log"]
    classified = log.classify_log.request
    assert classified.model_spec.signature_name == "classify"
    values = [
        example.features.feature["text"].bytes_list.value[0]
        for example in classified.input.example_list.examples
    ]
    assert values == [b"a", b"bc", b"bc"]
