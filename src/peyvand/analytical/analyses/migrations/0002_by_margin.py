from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analyses", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="analysischoice",
            name="by_margin",
            field=models.BooleanField(
                default=False, help_text="whether offers are ranked by what they may leave too"
            ),
        ),
    ]
