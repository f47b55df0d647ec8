/* tern-names.c: who a user ID is, remembered for one list
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-names.h"
#include "tern-store.h"

/* A group can have 100,000 members; a list shows a few hundred of them. */
#define MAX_KNOWN 4096

struct _TernNames
{
  grefcount   ref_count;
  TernDb     *reader; /* (borrowed) (nullable) */
  GHashTable *known;  /* (owned): group ID, newline, user ID → TernName */
};

static void
name_free (gpointer data)
{
  TernName *name = data;

  g_free (name->name);
  g_free (name->face_url);
  g_free (name);
}

TernNames *
tern_names_new (TernDb *reader)
{
  TernNames *self = g_new0 (TernNames, 1);

  g_ref_count_init (&self->ref_count);
  self->reader = reader;
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, name_free);
  return self;
}

TernNames *
tern_names_ref (TernNames *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

void
tern_names_unref (TernNames *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->known);
  g_free (self);
}

TernDb *
tern_names_get_reader (TernNames *self)
{
  return self->reader;
}

void
tern_names_detach (TernNames *self)
{
  self->reader = NULL;
}

void
tern_names_forget (TernNames *self)
{
  g_hash_table_remove_all (self->known);
}

static const char *
first_known (const char *first,
             const char *second,
             const char *third)
{
  if (first != NULL && first[0] != '\0')
    return first;
  if (second != NULL && second[0] != '\0')
    return second;
  return third != NULL ? third : "";
}

static TernName *
read_name (TernNames  *self,
           const char *group_id,
           const char *user_id)
{
  g_autoptr (TernUserRecord) user = NULL;
  g_autoptr (TernMemberRecord) member = NULL;
  g_autoptr (GError) error = NULL;
  TernName *name = g_new0 (TernName, 1);

  if (self->reader != NULL)
    {
      user = tern_store_find_user (self->reader, user_id, &error);
      if (error == NULL && group_id[0] != '\0')
        member = tern_store_find_member (self->reader, group_id, user_id, &error);
      if (error != NULL)
        g_debug ("A name could not be read: %s", error->message);
    }
  name->name = g_strdup (first_known (user != NULL ? user->remark : NULL,
                                      member != NULL ? member->name : NULL,
                                      user != NULL ? user->name : NULL));
  name->face_url = g_strdup (first_known (member != NULL ? member->face_url : NULL,
                                          user != NULL ? user->face_url : NULL, NULL));
  return name;
}

const TernName *
tern_names_find (TernNames  *self,
                 const char *group_id,
                 const char *user_id)
{
  g_autofree char *key = g_strconcat (group_id, "\n", user_id, NULL);
  TernName *name = g_hash_table_lookup (self->known, key);

  if (name != NULL)
    return name;
  if (g_hash_table_size (self->known) >= MAX_KNOWN)
    tern_names_forget (self);
  name = read_name (self, group_id, user_id);
  g_hash_table_insert (self->known, g_steal_pointer (&key), name);
  return name;
}
