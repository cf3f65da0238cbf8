from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0009_asked_by_hash"),
    ]

    operations = [
        migrations.AddField(
            model_name="paragraph",
            name="stale",
            field=models.CharField(
                blank=True,
                choices=[("en", "English"), ("ru", "Russian")],
                default="",
                editable=False,
                help_text=(
                    "The other language was changed since; until somebody confirms or changes it."
                ),
                max_length=2,
                verbose_name="language that did not follow",
            ),
            preserve_default=False,
        ),
    ]
