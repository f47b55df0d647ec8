/* tern-content.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-content.h"

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

/**
 * tern_content_dup_words:
 * @self: a text
 * @names: (out) (optional) (transfer full) (element-type utf8): the mentions,
 *   as they stand in it
 *
 * Returns: (transfer full): what it says, with people by name; valid UTF-8
 */
char *
tern_content_dup_words (const TernContent  *self,
                        GPtrArray         **names)
{
  g_autoptr(GPtrArray) mentions = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GString) text = g_string_new (self->text);

  for (guint i = 0; self->at != NULL && i < self->at->len; i++)
    {
      const TernPerson *person = self->at->pdata[i];
      gboolean has_name = person->name != NULL && *person->name != '\0';
      g_autofree char *id = NULL;
      g_autofree char *name = NULL;

      if (person->id == NULL || *person->id == '\0')
        continue;
      id = g_strconcat ("@", person->id, NULL);
      name = has_name ? g_strconcat ("@", person->name, NULL) : g_strdup (id);
      g_string_replace (text, id, name, 0);
      g_ptr_array_add (mentions, g_steal_pointer (&name));
    }
  if (names != NULL)
    *names = g_steal_pointer (&mentions);

  return g_utf8_make_valid (text->str, (gssize) text->len);
}
