"""Creates the bucket of AWS_STORAGE_BUCKET_NAME where it is missing. Run once, before the service.

It uses what the service itself uses (boto3 and the AWS_… variables), so that a wrong key or
address shows here, and not at the first upload.
"""

import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

NOT_FOUND = 404


def main() -> int:
    bucket = os.environ["AWS_STORAGE_BUCKET_NAME"]
    client = boto3.client(
        "s3",
        endpoint_url=os.environ.get("AWS_S3_ENDPOINT_URL") or None,
        region_name=os.environ.get("AWS_S3_REGION_NAME", "us-east-1"),
        config=Config(
            s3={"addressing_style": os.environ.get("AWS_S3_ADDRESSING_STYLE", "path")},
            connect_timeout=5,
            read_timeout=20,
        ),
    )
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != NOT_FOUND:
            raise
        client.create_bucket(Bucket=bucket)
        sys.stdout.write(f"created the bucket {bucket}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
