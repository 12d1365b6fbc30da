"""No transaction that leaves a transfer unbalanced can be committed."""

from django.db import migrations

BALANCED = """
CREATE FUNCTION credits_transfer_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total bigint;
BEGIN
    SELECT sum(amount) INTO total FROM credits_entry WHERE transfer_id = NEW.transfer_id;
    IF total <> 0 THEN
        RAISE EXCEPTION 'transfer % is off by %', NEW.transfer_id, total
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER transfer_is_balanced AFTER INSERT ON credits_entry
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION credits_transfer_is_balanced();
"""


class Migration(migrations.Migration):
    dependencies = [("credits", "0004_daily_grants")]

    operations = [
        migrations.RunSQL(
            BALANCED,
            "DROP TRIGGER transfer_is_balanced ON credits_entry;"
            "DROP FUNCTION credits_transfer_is_balanced();",
        )
    ]
