from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_access")]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.JSONField(
                help_text="patterns of operations it was given for; null: all of its user's", null=True
            ),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="grant_id",
            field=models.BigIntegerField(
                db_index=True, help_text="of an application's, whose consent it comes from", null=True
            ),
        ),
    ]
