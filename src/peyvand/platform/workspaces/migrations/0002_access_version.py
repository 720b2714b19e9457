from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workspaces", "0001_initial")]

    operations = [
        # It begins above every version that was counted without it.
        migrations.RunSQL(
            "create sequence access_version start 1000000", "drop sequence access_version", elidable=False
        ),
    ]
