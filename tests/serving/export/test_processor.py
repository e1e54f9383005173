from serving.export.processor import ONEDNN_PROCESSOR, required_processor


def test_only_8_bit_products_need_a_processor():
    assert required_processor(["MatMul", "QuantizeV2"]) == ""
    assert required_processor(["MatMul", "QuantizedMatMulWithBiasAndDequantize"]) == ONEDNN_PROCESSOR
