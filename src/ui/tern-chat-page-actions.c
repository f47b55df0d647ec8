/* tern-chat-page-actions.c: messages sent on, taken back, deleted
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What cannot be undone is asked about first.
 */

#include "config.h"

#include "tern-chat-page-private.h"

#include <glib/gi18n.h>

#include "tern-chat-chooser.h"
#include "tern-dialog.h"
#include "tern-message-words.h"

/* What is to be done when the person has said so. */
typedef struct
{
  TernChatPage *page;     /* (owned) */
  TernSession  *session;  /* (owned): of the time of asking */
  GPtrArray    *messages; /* (owned) (element-type TernMessage) */
} Request;

static Request *
request_new (TernChatPage *self,
             GPtrArray    *messages)
{
  Request *request = g_new0 (Request, 1);

  request->page = g_object_ref (self);
  request->session = g_object_ref (self->session);
  request->messages = g_ptr_array_ref (messages);

  return request;
}

static void
request_free (gpointer data)
{
  Request *request = data;

  g_object_unref (request->page);
  g_object_unref (request->session);
  g_ptr_array_unref (request->messages);
  g_free (request);
}

static void
request_closure_free (gpointer  data,
                      GClosure *closure)
{
  request_free (data);
}

static void
tell_error (TernChatPage *self,
            const GError *error)
{
  g_autofree char *words = tern_session_word_error (error);

  tern_chat_page_fail (self, words);
}

/* @yes: the button that does it */
static void
ask (TernChatPage *self,
     GPtrArray    *messages,
     const char   *heading,
     const char   *words,
     const char   *yes,
     GCallback     callback)
{
  tern_dialog_ask (GTK_WIDGET (self), heading, words, yes, TRUE, callback,
                   request_new (self, messages), request_closure_free);
}

/* --- sending on --- */

static void
forwarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(TernChatPage) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autofree char *client_id =
    tern_session_forward_finish (TERN_SESSION (object), result, &error);

  if (client_id == NULL)
    tell_error (self, error);
}

static void
chosen_merged_cb (TernChatChooser  *chooser,
                  TernConversation *conversation,
                  gpointer          user_data)
{
  Request *request = user_data;

  tern_session_forward_merged_async (request->session, tern_conversation_get_id (conversation),
                                     request->messages, NULL, forwarded_cb,
                                     g_object_ref (request->page));
  tern_chat_page_set_selecting (request->page, FALSE);
}

static void
chosen_cb (TernChatChooser  *chooser,
           TernConversation *conversation,
           gpointer          user_data)
{
  Request *request = user_data;

  for (guint i = 0; i < request->messages->len; i++)
    tern_session_forward_async (request->session, tern_conversation_get_id (conversation),
                                request->messages->pdata[i], NULL, forwarded_cb,
                                g_object_ref (request->page));
  tern_chat_page_set_selecting (request->page, FALSE);
}

/* Those of @messages that can be sent on; others stay. */
void
tern_chat_page_forward (TernChatPage *self,
                        GPtrArray    *messages,
                        gboolean      is_merged)
{
  g_autoptr(GPtrArray) fit = g_ptr_array_new_with_free_func (g_object_unref);
  GtkWidget *chooser;

  for (guint i = 0; i < messages->len; i++)
    {
      if (tern_session_may_forward (messages->pdata[i]))
        g_ptr_array_add (fit, g_object_ref (messages->pdata[i]));
    }
  if (fit->len == 0)
    return;
  /* Before anything is asked: what was chosen stays chosen. */
  if (is_merged && !tern_session_may_merge (self->session, fit))
    {
      tern_chat_page_fail (self, _("That is too much for one message: choose fewer"));
      return;
    }
  chooser = tern_chat_chooser_open (GTK_WIDGET (self),
                                    is_merged ? _("Forward as One To") : _("Forward To"),
                                    tern_session_get_conversations (self->session));
  g_signal_connect_data (chooser, "chosen", G_CALLBACK (is_merged ? chosen_merged_cb : chosen_cb),
                         request_new (self, fit), request_closure_free, 0);
}

/* --- taking back --- */

static void
revoked_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernChatPage) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!tern_session_revoke_finish (TERN_SESSION (object), result, &error))
    tell_error (self, error);
}

static void
revoke_cb (Request *request)
{
  TernMessage *message = request->messages->pdata[0];

  tern_session_remember_text (request->session, message);
  tern_session_revoke_async (request->session,
                             tern_message_get_record (message)->conversation_id,
                             tern_message_get_seq (message), NULL, revoked_cb,
                             g_object_ref (request->page));
}

void
tern_chat_page_revoke (TernChatPage *self,
                       TernMessage  *message)
{
  g_autoptr(GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);

  g_ptr_array_add (messages, g_object_ref (message));
  ask (self, messages, _("Withdraw This Message?"),
       _("It is taken away from everybody in this chat. They see that a message was withdrawn."),
       _("_Withdraw"), G_CALLBACK (revoke_cb));
}

/* The text of a message that was taken back, into the composer again. */
void
tern_chat_page_edit_again (TernChatPage *self,
                           TernMessage  *message)
{
  const char *text = tern_session_get_remembered_text (self->session, message);

  if (text == NULL)
    return;
  tern_chat_page_put_back (self, text);
  tern_composer_focus (self->composer);
}

/* --- deleting --- */

static void
deleted_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(TernChatPage) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!tern_session_delete_finish (TERN_SESSION (object), result, &error))
    tell_error (self, error);
}

static void
delete_cb (Request *request)
{
  tern_session_delete_async (request->session, request->messages, NULL, deleted_cb,
                             g_object_ref (request->page));
  tern_chat_page_set_selecting (request->page, FALSE);
}

void
tern_chat_page_delete (TernChatPage *self,
                       GPtrArray    *messages)
{
  g_autofree char *heading = NULL;

  if (messages->len == 0)
    return;
  heading = g_strdup_printf (ngettext ("Delete %u Message?", "Delete %u Messages?",
                                       messages->len),
                             messages->len);
  ask (self, messages, heading,
       _("Only for you, on all your devices. Others keep what they have."),
       _("_Delete"), G_CALLBACK (delete_cb));
}
