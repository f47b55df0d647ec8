/* tern-words.c: previews, notices and errors in words
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-error.h"
#include "tern-session.h"
#include "tern-text.h"

/* A preview is one line of a list. */
#define MAX_PREVIEW_CHARS 160

/* What the layers below say, which know no languages: errors that say it
 * themselves. */
static const char * const worded[] = {
  N_("This is no server address"),
  N_("No such message"),
  N_("Too much for one message"),
  NULL
};

static const char *
kind_name (const TernContent *content)
{
  switch (content->kind)
    {
    case TERN_CONTENT_KIND_PICTURE:
      return _("[Picture]");
    case TERN_CONTENT_KIND_VOICE:
      return _("[Voice message]");
    case TERN_CONTENT_KIND_VIDEO:
      return _("[Video]");
    case TERN_CONTENT_KIND_FILE:
      return _("[File]");
    case TERN_CONTENT_KIND_MERGED:
      return _("[Chat history]");
    case TERN_CONTENT_KIND_CARD:
      return _("[Contact card]");
    case TERN_CONTENT_KIND_LOCATION:
      return _("[Location]");
    case TERN_CONTENT_KIND_FACE:
      return _("[Sticker]");
    case TERN_CONTENT_KIND_CUSTOM:
      return _("[Special message]");
    case TERN_CONTENT_KIND_OFFICIAL:
      return _("[Notification]");
    case TERN_CONTENT_KIND_UNKNOWN:
    case TERN_CONTENT_KIND_TEXT:
    case TERN_CONTENT_KIND_QUOTE:
    case TERN_CONTENT_KIND_TYPING:
    case TERN_CONTENT_KIND_NOTICE:
    case TERN_CONTENT_KIND_REVOKED:
    default:
      return _("[Unsupported message]");
    }
}

static const char *
person_name (TernSession      *self,
             const TernPerson *person)
{
  if (g_strcmp0 (person->id, tern_session_get_account (self)->user_id) == 0)
    return _("You");
  if (person->name != NULL && *person->name != '\0')
    return person->name;

  return person->id != NULL ? person->id : _("Somebody");
}

static char *
join_people (TernSession *self,
             GPtrArray   *people)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; people != NULL && i < people->len && i < 5; i++)
    {
      if (i > 0)
        /* Translators: stands between names in a list */
        g_string_append (names, C_("list of names", ", "));
      g_string_append (names, person_name (self, people->pdata[i]));
    }
  if (people != NULL && people->len > 5)
    g_string_append (names, "…");

  return g_string_free (names, FALSE);
}

static char *
word_revoked (TernSession       *self,
              const TernContent *content)
{
  const char *actor = person_name (self, &content->actor);
  const TernPerson *author =
    content->people != NULL && content->people->len > 0 ? content->people->pdata[0] : NULL;

  if (author != NULL && g_strcmp0 (author->id, content->actor.id) != 0)
    return g_strdup_printf (_("%s withdrew a message of %s"), actor, person_name (self, author));

  return g_strdup_printf (_("%s withdrew a message"), actor);
}

static char *
word_notice (TernSession       *self,
             const TernContent *content)
{
  const char *actor = person_name (self, &content->actor);
  g_autofree char *people = join_people (self, content->people);
  const char *text = content->text != NULL ? content->text : "";

  if (content->kind == TERN_CONTENT_KIND_REVOKED)
    return word_revoked (self, content);

  switch (content->type)
    {
    case 1201:
      return g_strdup (_("You are friends now and can chat"));
    case 1501:
      return g_strdup_printf (_("%s created the group"), actor);
    case 1502:
      return g_strdup_printf (_("%s changed the group’s settings"), actor);
    case 1504:
      return g_strdup_printf (_("%s left the group"), actor);
    case 1507:
      return g_strdup_printf (_("%s made %s the group’s owner"), actor, people);
    case 1508:
      return g_strdup_printf (_("%s removed %s from the group"), actor, people);
    case 1509:
      return g_strdup_printf (_("%s invited %s to the group"), actor, people);
    case 1510:
      return g_strdup_printf (_("%s joined the group"), actor);
    case 1511:
      return g_strdup_printf (_("%s dismissed the group"), actor);
    case 1512:
      return g_strdup_printf (_("%s muted %s"), actor, people);
    case 1513:
      return g_strdup_printf (_("%s unmuted %s"), actor, people);
    case 1514:
      return g_strdup_printf (_("%s muted the group"), actor);
    case 1515:
      return g_strdup_printf (_("%s unmuted the group"), actor);
    case 1519:
      return g_strdup_printf (_("%s announced: %s"), actor, text);
    case 1520:
      return g_strdup_printf (_("%s named the group “%s”"), actor, text);
    case 1701:
      return g_strdup (content->value != 0 ? _("Messages disappear after reading from now on")
                                           : _("Messages stay after reading from now on"));
    default:
      return g_strdup (_("Something changed in this chat"));
    }
}

/**
 * tern_session_word_preview:
 * @self: a session
 * @content: what a message says
 * @sender_name: (nullable): put in front, where it is not clear who spoke
 * @is_own: whether it is one's own message
 *
 * Returns: (transfer full): one line; names and texts in it are as their
 *   authors wrote them: never markup
 */
char *
tern_session_word_preview (TernSession       *self,
                           const TernContent *content,
                           const char        *sender_name,
                           gboolean           is_own)
{
  g_autofree char *said = tern_content_dup_words (content, NULL);
  g_autofree char *text = tern_text_dup_line (said, MAX_PREVIEW_CHARS);
  g_autofree char *name = NULL;
  g_autofree char *words = NULL;

  if (content->kind == TERN_CONTENT_KIND_NOTICE || content->kind == TERN_CONTENT_KIND_REVOKED)
    {
      words = word_notice (self, content);
      return tern_text_dup_line (words, MAX_PREVIEW_CHARS);
    }

  if (content->kind == TERN_CONTENT_KIND_TEXT || content->kind == TERN_CONTENT_KIND_QUOTE)
    words = g_steal_pointer (&text);
  else if (content->text != NULL && content->kind != TERN_CONTENT_KIND_CUSTOM)
    words = g_strconcat (kind_name (content), " ", text, NULL);
  else
    words = g_strdup (kind_name (content));

  if (sender_name == NULL || is_own)
    return g_steal_pointer (&words);
  name = tern_text_dup_line (sender_name, MAX_PREVIEW_CHARS);

  /* Translators: who said what, in the list of conversations */
  return g_strdup_printf (C_("sender and message", "%s: %s"), name, words);
}

/**
 * tern_session_word_notice:
 * @self: a session
 * @message: a message that is a centred line
 *
 * Returns: (transfer full): the line
 */
char *
tern_session_word_notice (TernSession *self,
                          TernMessage *message)
{
  return word_notice (self, tern_message_get_content (message));
}

static char *
word_code (int code)
{
  switch (code)
    {
    case 1001:
      return g_strdup (_("The recipient does not accept messages"));
    case 1002:
    case 1203:
      return g_strdup (_("You are not a member of this group"));
    case 1004:
      return g_strdup (_("The recipient does not exist"));
    case 1204:
      return g_strdup (_("The group was dismissed"));
    case 1302:
      return g_strdup (_("The recipient has blocked you"));
    case 1303:
      return g_strdup (_("You are not friends"));
    case 1402:
      return g_strdup (_("You are muted in this group"));
    case 1403:
      return g_strdup (_("The group is muted"));
    case 20001:
      return g_strdup (_("The password is wrong"));
    case 20002:
      return g_strdup (_("There is no such account"));
    case 20012:
      return g_strdup (_("The account is blocked"));
    default:
      return g_strdup_printf (_("The server refused (code %d)"), code);
    }
}

/**
 * tern_session_word_failure:
 * @reason: (nullable): what a failed message's record says
 *
 * Returns: (transfer full): why it failed, for a person
 */
char *
tern_session_word_failure (const char *reason)
{
  gint64 code = 0;

  if (g_strcmp0 (reason, "too-large") == 0)
    return g_strdup (_("The message is too long"));
  if (reason != NULL && g_ascii_string_to_signed (reason, 10, 0, G_MAXINT32, &code, NULL))
    return word_code ((int) code);

  return g_strdup (_("The message was not sent"));
}

/**
 * tern_session_word_error:
 * @error: any error
 *
 * Returns: (transfer full): what happened, for a person
 */
char *
tern_session_word_error (const GError *error)
{
  int code = tern_error_get_server_code (error);

  if (error->domain != TERN_ERROR)
    return g_strdup (error->message);

  switch ((TernError) error->code)
    {
    case TERN_ERROR_CLOSED:
      return g_strdup (_("Closed"));
    case TERN_ERROR_OFFLINE:
      return g_strdup (_("The server cannot be reached"));
    case TERN_ERROR_TIMEOUT:
      return g_strdup (_("The server does not answer"));
    case TERN_ERROR_PROTOCOL:
      return g_strdup (_("The server sent something unexpected"));
    case TERN_ERROR_TOO_LARGE:
      if (g_strv_contains (worded, error->message))
        return g_strdup (_(error->message));
      return g_strdup (_("The server sent more than can be handled"));
    case TERN_ERROR_TLS:
      return g_strdup (_("The server’s certificate is not trusted"));
    case TERN_ERROR_EXPIRED:
      return g_strdup (_("The sign-in has expired"));
    case TERN_ERROR_KICKED:
      return g_strdup (_("You have signed in elsewhere"));
    case TERN_ERROR_SIGN_IN:
      return code != 0 ? word_code (code) : g_strdup (_("Signing in was refused"));
    case TERN_ERROR_REFUSED:
      return word_code (code);
    case TERN_ERROR_STORE:
      return g_strdup (_("Messages cannot be stored"));
    case TERN_ERROR_STORE_FULL:
      return g_strdup (_("There is no room left on the disk"));
    case TERN_ERROR_STORE_READ_ONLY:
      return g_strdup (_("The folder with your messages cannot be written to"));
    case TERN_ERROR_STORE_CORRUPT:
      return g_strdup (_("The message store is damaged"));
    case TERN_ERROR_IN_USE:
      return g_strdup (_("Another Tern is using this account"));
    case TERN_ERROR_KEYRING:
      return g_strdup (_("There is no keyring, or it does not answer"));
    case TERN_ERROR_KEYRING_LOCKED:
      return g_strdup (_("The keyring is locked"));
    case TERN_ERROR_NOT_FOUND:
    default:
      return g_strdup (g_strv_contains (worded, error->message) ? _(error->message)
                                                                : error->message);
    }
}
