from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_taxes"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="stuff_id",
            field=models.CharField(blank=True, default="", max_length=13),
        ),
    ]
