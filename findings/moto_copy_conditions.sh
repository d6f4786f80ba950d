#!/usr/bin/env bash
# moto 5.2.5, with boto3 1.44.8: a copy and the end of an upload in parts ignore conditions that moto obeys elsewhere.
#
# S3 takes `If-Match` and `If-None-Match` for writes: lock files, compare-and-swap of a manifest and "never overwrite" are
# built on them. moto answers 412 to them in PutObject and DeleteObject, and to `If-None-Match: *` at the end of an upload in
# parts, so that a test suite that tries those trusts it. It carries out CopyObject whatever `x-amz-copy-source-if-match` and
# `If-None-Match` say, and CompleteMultipartUpload whatever `If-Match` says, and answers 200: a race that S3 would refuse
# overwrites the object here, and the code that has to handle the 412 is never run.
# Seen: `412` for put, delete and the end with If-None-Match, `carried out` for the other three.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[s3,server]==5.2.5" boto3==1.44.8

cat >"$folder/try.py" <<'PYTHON'
import boto3
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
s3 = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1",
                  aws_access_key_id="key", aws_secret_access_key="secret")
s3.create_bucket(Bucket="bucket")
KEY = {"Bucket": "bucket", "Key": "key"}
OTHER = '"00000000000000000000000000000000"'

def completed(**conditions):
    upload = {**KEY, "UploadId": s3.create_multipart_upload(**KEY)["UploadId"]}
    part = s3.upload_part(**upload, PartNumber=1, Body=b"second")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    s3.complete_multipart_upload(**upload, MultipartUpload=parts, **conditions)

def copied(**conditions):
    s3.put_object(Bucket="bucket", Key="source", Body=b"second")
    s3.copy_object(**KEY, CopySource="bucket/source", **conditions)

TRIES = {
    "put, If-None-Match: *": lambda: s3.put_object(**KEY, Body=b"second", IfNoneMatch="*"),
    "put, If-Match of another": lambda: s3.put_object(**KEY, Body=b"second", IfMatch=OTHER),
    "delete, If-Match of another": lambda: s3.delete_object(**KEY, IfMatch=OTHER),
    "end of parts, If-None-Match: *": lambda: completed(IfNoneMatch="*"),
    "end of parts, If-Match of another": lambda: completed(IfMatch=OTHER),
    "copy, If-None-Match: *": lambda: copied(IfNoneMatch="*"),
    "copy, if the source matches another": lambda: copied(CopySourceIfMatch=OTHER),
}
for name, attempt in TRIES.items():
    s3.put_object(**KEY, Body=b"first")
    try:
        attempt()
        answer = "carried out"
    except ClientError as refused:
        answer = refused.response["ResponseMetadata"]["HTTPStatusCode"]
    print(f"{name}: {answer}, the object is {s3.get_object(**KEY)['Body'].read().decode()}")
server.stop()
PYTHON
"$folder/venv/bin/python" "$folder/try.py" 2>"$folder/log" | tee "$folder/seen" || { cat "$folder/log"; exit 1; }
diff "$folder/seen" - <<'SEEN'
put, If-None-Match: *: 412, the object is first
put, If-Match of another: 412, the object is first
delete, If-Match of another: 412, the object is first
end of parts, If-None-Match: *: 412, the object is first
end of parts, If-Match of another: carried out, the object is second
copy, If-None-Match: *: carried out, the object is second
copy, if the source matches another: carried out, the object is second
SEEN
