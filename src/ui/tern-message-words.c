/* tern-message-words.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-message-words.h"

#include <glib/gi18n.h>
#include <string.h>

#include "tern-text.h"

/* More than so many are not shown large. */
#define MAX_LARGE_EMOJI 5
/* What is left of a folded text. */
#define FOLDED_CHARS 1500
#define FOLDED_LINES 20
#define MAX_CARD_LINES 4

/**
 * tern_message_is_text:
 * @message: a message
 *
 * Returns: whether it is shown as what somebody wrote
 */
gboolean
tern_message_is_text (TernMessage *message)
{
  const TernContent *content = tern_message_get_content (message);

  return (content->kind == TERN_CONTENT_KIND_TEXT || content->kind == TERN_CONTENT_KIND_QUOTE) &&
         content->text != NULL;
}

/**
 * tern_message_dup_text:
 * @message: a message that is text
 * @mentions: (out) (optional) (transfer full) (element-type TernSpan): where it
 *   mentions people
 *
 * Returns: (transfer full): what it says
 */
char *
tern_message_dup_text (TernMessage  *message,
                       GArray      **mentions)
{
  return tern_content_dup_words (tern_message_get_content (message), mentions);
}

/**
 * tern_message_dup_folded:
 * @text: a text
 *
 * Returns: (transfer full) (nullable): its beginning, if it is very long
 */
char *
tern_message_dup_folded (const char *text)
{
  guint n_chars = 0;
  guint n_lines = 1;
  const char *cut = NULL;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      if (cut == NULL && (n_chars == FOLDED_CHARS || n_lines > FOLDED_LINES))
        cut = at;
      n_chars++;
      if (tern_text_is_break (g_utf8_get_char (at)) && !(at[0] == '\r' && at[1] == '\n'))
        n_lines++;
      if (n_chars > TERN_FOLD_CHARS || n_lines > TERN_FOLD_LINES)
        {
          g_autofree char *start = g_strndup (text, (gsize) (cut - text));

          return g_strconcat (g_strchomp (start), "…", NULL);
        }
    }

  return NULL;
}

static gboolean
is_emoji (gunichar c)
{
  return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) ||
         (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0x2300 && c <= 0x23FF);
}

/* Joins to what stands before it. */
static gboolean
is_emoji_part (gunichar c)
{
  return c == 0x200D || c == 0xFE0F || c == 0x20E3 || (c >= 0x1F3FB && c <= 0x1F3FF) ||
         (c >= 0xE0020 && c <= 0xE007F);
}

/**
 * tern_message_is_emoji_only:
 * @text: a text
 *
 * Returns: whether it is a few emoji and nothing else
 */
gboolean
tern_message_is_emoji_only (const char *text)
{
  guint n = 0;
  guint n_flag_letters = 0;
  gunichar before = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (c >= 0x1F1E6 && c <= 0x1F1FF)
        n_flag_letters++;
      else if (is_emoji (c) && !is_emoji_part (c))
        n += before != 0x200D;
      else if (!is_emoji_part (c) && !g_unichar_isspace (c))
        return FALSE;
      if (n + n_flag_letters / 2 > MAX_LARGE_EMOJI)
        return FALSE;
      before = c;
    }

  return n + n_flag_letters > 0;
}

/* --- cards --- */

/**
 * tern_message_opens:
 * @message: a message that is shown as a card
 *
 * Returns: whether there is more to show
 */
gboolean
tern_message_opens (TernMessage *message)
{
  const TernContent *content = tern_message_get_content (message);
  g_autofree char *map = NULL;

  if (content->kind == TERN_CONTENT_KIND_MERGED)
    return content->messages != NULL && content->messages->len > 0;
  map = tern_content_dup_map (content);

  return map != NULL;
}

/**
 * tern_content_dup_map:
 * @content: any content
 *
 * Returns: (transfer full) (nullable): the address of a map of the place
 */
char *
tern_content_dup_map (const TernContent *content)
{
  char latitude[G_ASCII_DTOSTR_BUF_SIZE];
  char longitude[G_ASCII_DTOSTR_BUF_SIZE];

  if (content->kind != TERN_CONTENT_KIND_LOCATION ||
      (content->latitude == 0 && content->longitude == 0) ||
      !(content->latitude >= -90 && content->latitude <= 90) ||
      !(content->longitude >= -180 && content->longitude <= 180))
    return NULL;
  g_ascii_formatd (latitude, sizeof latitude, "%.6f", content->latitude);
  g_ascii_formatd (longitude, sizeof longitude, "%.6f", content->longitude);

  return g_strdup_printf ("https://www.openstreetmap.org/?mlat=%s&mlon=%s#map=16/%s/%s", latitude,
                          longitude, latitude, longitude);
}

static char *
word_size (const TernContent *content)
{
  return content->size_bytes > 0 ? g_format_size ((guint64) content->size_bytes) : NULL;
}

static char *
word_duration (const TernContent *content)
{
  int seconds = CLAMP (content->duration_s, 0, 359999);

  if (seconds >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);

  return g_strdup_printf ("%d:%02d", seconds / 60, seconds % 60);
}

static char *
word_picture (const TernContent *content)
{
  g_autofree char *size = word_size (content);

  if (content->width <= 0 || content->height <= 0)
    return g_steal_pointer (&size);

  /* Translators: width × height in pixels, and the size in bytes */
  return size != NULL ? g_strdup_printf (_("%d × %d, %s"), content->width, content->height, size)
                      : g_strdup_printf ("%d × %d", content->width, content->height);
}

static char *
word_lines (const TernContent *content)
{
  g_autoptr(GString) lines = g_string_new (NULL);

  for (guint i = 0; content->lines != NULL && i < content->lines->len && i < MAX_CARD_LINES; i++)
    {
      g_autofree char *line = tern_text_dup_line (content->lines->pdata[i], TERN_TEXT_LINE_CHARS);

      if (i > 0)
        g_string_append_c (lines, '\n');
      g_string_append (lines, line);
    }

  return g_string_free (g_steal_pointer (&lines), FALSE);
}

static const char *
or_else (const char *text,
         const char *other)
{
  return text != NULL && *text != '\0' ? text : other;
}

static void
set_card (TernCard   *self,
          const char *icon,
          const char *title,
          char       *details) /* (transfer full) (nullable) */
{
  self->icon = icon;
  self->title = g_utf8_make_valid (title, -1);
  if (details != NULL)
    self->details = g_utf8_make_valid (details, -1);
  g_free (details);
}

/**
 * tern_card_new:
 * @message: a message that is not text
 *
 * Returns: (transfer full): what is shown of it
 */
TernCard *
tern_card_new (TernMessage *message)
{
  const TernContent *content = tern_message_get_content (message);
  TernCard *self = g_new0 (TernCard, 1);

  switch (content->kind)
    {
    case TERN_CONTENT_KIND_PICTURE:
      set_card (self, "image-x-generic-symbolic", _("Picture"), word_picture (content));
      break;
    case TERN_CONTENT_KIND_VOICE:
      set_card (self, "audio-input-microphone-symbolic", _("Voice Message"),
                word_duration (content));
      break;
    case TERN_CONTENT_KIND_VIDEO:
      set_card (self, "video-x-generic-symbolic", _("Video"), word_duration (content));
      break;
    case TERN_CONTENT_KIND_FILE:
      set_card (self, "text-x-generic-symbolic", or_else (content->text, _("File")),
                word_size (content));
      break;
    case TERN_CONTENT_KIND_MERGED:
      set_card (self, "view-list-symbolic", or_else (content->text, _("Chat History")),
                word_lines (content));
      break;
    case TERN_CONTENT_KIND_CARD:
      set_card (self, "avatar-default-symbolic", or_else (content->text, _("Contact")),
                g_strdup (_("Contact card")));
      break;
    case TERN_CONTENT_KIND_LOCATION:
      set_card (self, "mark-location-symbolic", or_else (content->text, _("Location")),
                g_strdup (_("Location")));
      break;
    case TERN_CONTENT_KIND_FACE:
      set_card (self, "face-smile-symbolic", _("Sticker"), NULL);
      break;
    case TERN_CONTENT_KIND_OFFICIAL:
      set_card (self, "dialog-information-symbolic", or_else (content->text, _("Notification")),
                NULL);
      break;
    case TERN_CONTENT_KIND_UNKNOWN:
    case TERN_CONTENT_KIND_TEXT:
    case TERN_CONTENT_KIND_QUOTE:
    case TERN_CONTENT_KIND_CUSTOM:
    case TERN_CONTENT_KIND_TYPING:
    case TERN_CONTENT_KIND_NOTICE:
    case TERN_CONTENT_KIND_REVOKED:
    default:
      set_card (self, "dialog-question-symbolic", _("Special Message"),
                g_strdup (_("Tern cannot show this kind of message yet")));
      break;
    }

  return self;
}

void
tern_card_free (TernCard *self)
{
  g_free (self->title);
  g_free (self->details);
  g_free (self);
}
