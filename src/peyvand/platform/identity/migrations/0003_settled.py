from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0002_role_record"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="settled_at",
            field=models.DateTimeField(null=True),
        ),
    ]
