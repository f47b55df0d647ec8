/* tern-content.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-content.h"

#include <string.h>

#include "tern-text.h"

/* No more than so many @ of a text are looked at: what it grows to, and how long
 * that takes, is for nobody else to say. */
#define MAX_MARKS 1000
#define MAX_NAME_CHARS 100

/**
 * tern_person_new:
 * @id: (nullable): the user ID
 * @name: (nullable): a name, as it came
 *
 * Returns: (transfer full): the two as one
 */
TernPerson *
tern_person_new (const char *id,
                 const char *name)
{
  TernPerson *self = g_new0 (TernPerson, 1);

  self->id = g_strdup (id);
  self->name = g_strdup (name);

  return self;
}

/**
 * tern_person_free:
 * @self: (transfer full): a person
 */
void
tern_person_free (TernPerson *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self);
}

/**
 * tern_merged_message_free:
 * @self: (transfer full): a message of a merged history
 */
void
tern_merged_message_free (TernMergedMessage *self)
{
  g_clear_pointer (&self->content, tern_content_free);
  g_free (self->sender_name);
  g_free (self);
}

/**
 * tern_content_new:
 * @kind: what it is
 * @type: the protocol's number
 *
 * Returns: (transfer full): a content of which nothing is known yet
 */
TernContent *
tern_content_new (TernContentKind kind,
                  int             type)
{
  TernContent *self = g_new0 (TernContent, 1);

  self->kind = kind;
  self->type = type;

  return self;
}

/**
 * tern_content_free:
 * @self: (transfer full): a content
 */
void
tern_content_free (TernContent *self)
{
  g_free (self->text);
  g_free (self->url);
  g_free (self->thumb_url);
  g_free (self->mime);
  g_free (self->quote_sender);
  g_free (self->quote_sender_id);
  g_free (self->quote_client_id);
  g_free (self->actor.id);
  g_free (self->actor.name);
  g_clear_pointer (&self->at, g_ptr_array_unref);
  g_clear_pointer (&self->lines, g_ptr_array_unref);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  g_clear_pointer (&self->people, g_ptr_array_unref);
  g_clear_pointer (&self->quote, tern_content_free);
  g_free (self);
}

/* Who is mentioned at an @; of "1" and "10" the longer. */
static const TernPerson *
find_mentioned (const TernContent *self,
                const char        *at,
                gsize             *length)
{
  const TernPerson *found = NULL;

  *length = 0;
  for (guint i = 0; i < self->at->len; i++)
    {
      const TernPerson *person = self->at->pdata[i];
      gsize id_length = person->id != NULL ? strlen (person->id) : 0;

      if (id_length > *length && strncmp (at + 1, person->id, id_length) == 0)
        {
          found = person;
          *length = id_length;
        }
    }

  return found;
}

/**
 * tern_content_dup_words:
 * @self: a text
 * @mentions: (out) (optional) (transfer full) (element-type TernSpan): where it
 *   mentions people, from left to right
 *
 * A name that is put in is not searched for further mentions.
 *
 * Returns: (transfer full): what it says, with people by name; valid UTF-8
 */
char *
tern_content_dup_words (const TernContent  *self,
                        GArray            **mentions)
{
  g_autoptr(GArray) spans = g_array_new (FALSE, FALSE, sizeof (TernSpan));
  g_autoptr(GString) words = g_string_new (NULL);
  g_autofree char *text = g_utf8_make_valid (self->text != NULL ? self->text : "", -1);
  const char *rest = text;
  const char *at = text;

  for (guint n = 0; self->at != NULL && n < MAX_MARKS && (at = strchr (at, '@')) != NULL; n++)
    {
      gsize length;
      const TernPerson *person = find_mentioned (self, at, &length);

      if (person != NULL)
        {
          gboolean has_name = person->name != NULL && *person->name != '\0';
          g_autofree char *name = tern_text_dup_line (has_name ? person->name : person->id,
                                                      MAX_NAME_CHARS);
          TernSpan span = { words->len + (gsize) (at - rest), strlen (name) + 1 };

          g_string_append_len (words, rest, at - rest);
          g_string_append_printf (words, "@%s", name);
          g_array_append_val (spans, span);
          rest = at + 1 + length;
        }
      at += 1 + length;
    }
  g_string_append (words, rest);
  if (mentions != NULL)
    *mentions = g_steal_pointer (&spans);

  return g_string_free (g_steal_pointer (&words), FALSE);
}
