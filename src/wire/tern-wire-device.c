/* tern-wire-device.c: presence, background, signing out
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "tern-wire-private.h"

/**
 * tern_wire_encode_presence:
 * @subscribe: whom to watch
 * @unsubscribe: whom no longer
 *
 * Returns: (transfer full): the body of request 2005
 */
GBytes *
tern_wire_encode_presence (const char * const *subscribe,
                           const char * const *unsubscribe)
{
  Tern__Pb__PresenceReq pb = TERN__PB__PRESENCE_REQ__INIT;

  pb.subscribe = (char **) subscribe;
  pb.n_subscribe = g_strv_length ((char **) subscribe);
  pb.unsubscribe = (char **) unsubscribe;
  pb.n_unsubscribe = g_strv_length ((char **) unsubscribe);

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_presence:
 * @body: (nullable): the body of request 2005
 * @subscribe: (out) (transfer full): whom to watch
 * @unsubscribe: (out) (transfer full): whom no longer
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: whether it was one
 */
gboolean
tern_wire_decode_presence (GBytes   *body,
                           char   ***subscribe,
                           char   ***unsubscribe,
                           GError  **error)
{
  Tern__Pb__PresenceReq *pb =
    tern_wire_unpack_request (&tern__pb__presence_req__descriptor, body, error);

  if (pb == NULL)
    return FALSE;

  *subscribe = tern_wire_dup_strings (pb->subscribe, pb->n_subscribe);
  *unsubscribe = tern_wire_dup_strings (pb->unsubscribe, pb->n_unsubscribe);
  tern_pb_free (pb);

  return TRUE;
}

/**
 * tern_wire_encode_presence_reply:
 * @presences: (element-type TernPresence): who is online where
 *
 * Returns: (transfer full): the body of the answer and of the push 2005
 */
GBytes *
tern_wire_encode_presence_reply (GPtrArray *presences)
{
  g_autoptr(GPtrArray) arena = tern_arena_new ();
  Tern__Pb__PresenceResp pb = TERN__PB__PRESENCE_RESP__INIT;
  Tern__Pb__PresenceElem *items = tern_arena_new_n (arena, Tern__Pb__PresenceElem, presences->len);

  pb.n_subscribers = presences->len;
  pb.subscribers = tern_arena_new_n (arena, Tern__Pb__PresenceElem *, presences->len);
  for (guint i = 0; i < presences->len; i++)
    {
      const TernPresence *presence = presences->pdata[i];

      tern__pb__presence_elem__init (&items[i]);
      items[i].user_id = presence->user_id;
      items[i].n_platforms = presence->platforms->len;
      items[i].platforms = (int32_t *) (gpointer) presence->platforms->data;
      pb.subscribers[i] = &items[i];
    }

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_presence_reply:
 * @body: (nullable): the body of the answer or of the push 2005
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: (transfer full) (nullable) (element-type TernPresence): who is
 *   online where
 */
GPtrArray *
tern_wire_decode_presence_reply (GBytes  *body,
                                 GError **error)
{
  Tern__Pb__PresenceResp *pb = tern_wire_unpack (&tern__pb__presence_resp__descriptor, body, error);
  GPtrArray *presences;

  if (pb == NULL)
    return NULL;

  presences = g_ptr_array_new_with_free_func ((GDestroyNotify) tern_presence_free);
  for (gsize i = 0; i < pb->n_subscribers; i++)
    {
      const Tern__Pb__PresenceElem *item = pb->subscribers[i];
      g_autofree char *id = tern_wire_dup_string (item->user_id);
      TernPresence *presence = tern_presence_new (id);

      if (item->n_platforms > 0)
        g_array_append_vals (presence->platforms, item->platforms, item->n_platforms);
      g_ptr_array_add (presences, presence);
    }
  tern_pb_free (pb);

  return presences;
}

/**
 * tern_wire_encode_logout:
 * @user_id: the caller
 * @platform: its platform
 *
 * Returns: (transfer full): the body of request 2003
 */
GBytes *
tern_wire_encode_logout (const char *user_id,
                         int         platform)
{
  Tern__Pb__LogoutReq pb = TERN__PB__LOGOUT_REQ__INIT;

  pb.user_id = (char *) user_id;
  pb.platform = platform;

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_logout:
 * @body: (nullable): the body of request 2003
 * @user_id: (out) (transfer full): the caller
 * @platform: (out): its platform
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: whether it was one
 */
gboolean
tern_wire_decode_logout (GBytes  *body,
                         char   **user_id,
                         int     *platform,
                         GError **error)
{
  Tern__Pb__LogoutReq *pb =
    tern_wire_unpack_request (&tern__pb__logout_req__descriptor, body, error);

  if (pb == NULL)
    return FALSE;

  *user_id = tern_wire_dup_string (pb->user_id);
  *platform = pb->platform;
  tern_pb_free (pb);

  return TRUE;
}

/**
 * tern_wire_encode_background:
 * @user_id: the caller
 * @is_background: whether it is in the background
 *
 * Returns: (transfer full): the body of request 2004
 */
GBytes *
tern_wire_encode_background (const char *user_id,
                             gboolean    is_background)
{
  Tern__Pb__BackgroundReq pb = TERN__PB__BACKGROUND_REQ__INIT;

  pb.user_id = (char *) user_id;
  pb.is_background = is_background;

  return tern_wire_pack (&pb.base);
}

/**
 * tern_wire_decode_background:
 * @body: (nullable): the body of request 2004
 * @user_id: (out) (transfer full): the caller
 * @is_background: (out): whether it is in the background
 * @error: return location for a #GError
 *
 * Errors: %TERN_ERROR_PROTOCOL, %TERN_ERROR_TOO_LARGE.
 *
 * Returns: whether it was one
 */
gboolean
tern_wire_decode_background (GBytes    *body,
                             char     **user_id,
                             gboolean  *is_background,
                             GError   **error)
{
  Tern__Pb__BackgroundReq *pb =
    tern_wire_unpack_request (&tern__pb__background_req__descriptor, body, error);

  if (pb == NULL)
    return FALSE;

  *user_id = tern_wire_dup_string (pb->user_id);
  *is_background = pb->is_background;
  tern_pb_free (pb);

  return TRUE;
}

/**
 * tern_presence_new:
 * @user_id: who
 *
 * Returns: (transfer full): somebody who is offline
 */
TernPresence *
tern_presence_new (const char *user_id)
{
  TernPresence *self = g_new0 (TernPresence, 1);

  self->user_id = g_strdup (user_id);
  self->platforms = g_array_new (FALSE, FALSE, sizeof (gint32));

  return self;
}

/**
 * tern_presence_free:
 * @self: (transfer full): a presence
 */
void
tern_presence_free (TernPresence *self)
{
  g_free (self->user_id);
  g_array_unref (self->platforms);
  g_free (self);
}

/**
 * tern_seq_list_new:
 * @conversation_id: the conversation
 *
 * Returns: (transfer full): an empty list
 */
TernSeqList *
tern_seq_list_new (const char *conversation_id)
{
  TernSeqList *self = g_new0 (TernSeqList, 1);

  self->conversation_id = g_strdup (conversation_id);
  self->seqs = g_array_new (FALSE, FALSE, sizeof (gint64));

  return self;
}

/**
 * tern_seq_list_free:
 * @self: (transfer full): a list
 */
void
tern_seq_list_free (TernSeqList *self)
{
  g_free (self->conversation_id);
  g_array_unref (self->seqs);
  g_free (self);
}
