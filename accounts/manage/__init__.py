"""The pages at `/manage/`, for administrators. Django's administration stays for operators."""
