from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_sending")]

    operations = [
        migrations.AddField(model_name="receiver", name="is_chosen", field=models.BooleanField(default=True)),
    ]
