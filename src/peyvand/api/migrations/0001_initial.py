from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Use",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("window", models.BigIntegerField()),
                ("used", models.IntegerField()),
                ("granted", models.IntegerField(help_text="to the one who asked last")),
            ],
            options={"db_table": "api_use"},
        ),
        migrations.RunSQL("alter table api_use set unlogged", "alter table api_use set logged"),
    ]
