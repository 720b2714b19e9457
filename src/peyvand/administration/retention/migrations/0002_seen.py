from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="retentionrule",
            name="seen",
            field=models.CharField(
                default="",
                help_text="the mark of the rule as its trial showed it (rules.mark_of)",
                max_length=16,
            ),
        ),
    ]
