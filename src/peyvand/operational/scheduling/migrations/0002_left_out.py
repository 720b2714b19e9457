from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]

    operations = [
        migrations.AddField(model_name="series", name="left_out", field=models.JSONField(default=list)),
    ]
